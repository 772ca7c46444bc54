//! The desk itself: closed or open, with what every operation needs of it.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use chrono::{DateTime, FixedOffset, Local};
use uuid::Uuid;

use kefu_domain::change::kind;
use kefu_domain::decide::Rules;
use kefu_domain::template::CustomField;
use kefu_domain::{CodeLists, Template};
use kefu_local::{Masking, Store, custom_fields};
use kefu_paper::Press;
use kefu_vault::{DatabaseKey, Ring, SystemRing};

use crate::field::Sheet;
use crate::privacy::{Revealed, whole};
use crate::repeats::{self, Looking};
use crate::seat::Seats;
use crate::sync::Exchanges;
use crate::wire::{Call, Code, DeskInfo, Failure, KeyringTrouble};

/// Tells the time; fixed in tests.
pub type Clock = Arc<dyn Fn() -> DateTime<FixedOffset> + Send + Sync>;

/// A desk in a folder of this machine.
pub struct Desk {
    pub(crate) folder: PathBuf,
    pub(crate) ring: Arc<dyn Ring>,
    pub(crate) state: Mutex<State>,
    pub(crate) clock: Clock,
    press: OnceLock<Press>,
    /// Held while a copy is on its way to the printer or into a file, so that no two have the same count.
    pub(crate) copying: tokio::sync::Mutex<()>,
    /// Calls that a softphone announced and that are no drafts yet, in memory only.
    pub(crate) calls: Mutex<VecDeque<Call>>,
}

/// What changes while the program runs.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) open: Option<Arc<Open>>,
    pub(crate) keyring: Option<KeyringTrouble>,
    pub(crate) idle_locked: bool,
}

/// An open desk.
pub(crate) struct Open {
    pub(crate) store: Store,
    pub(crate) key: DatabaseKey,
    pub(crate) seats: Seats,
    company: Mutex<Arc<str>>,
    pub(crate) form: Mutex<Arc<Form>>,
    pub(crate) revealed: Revealed,
    pub(crate) looking: Looking,
    pub(crate) exchanges: Exchanges,
}

/// The form as this company has it.
pub(crate) struct Form {
    pub(crate) template: Template,
    pub(crate) codes: CodeLists,
    pub(crate) custom: Vec<CustomField>,
    /// With what the process adds to it, so that nothing of a record is beyond judging.
    pub(crate) whole: Template,
    /// The sheet of field service, with the lists of this company.
    pub(crate) sheet: Sheet,
    /// [`Masking::key`]: a sum over the template, made once.
    masking: i64,
}

/// Id of the one record of a kind of which a desk has one; the same on every device.
pub(crate) fn only_record(kind: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("kefu {kind}").as_bytes())
}

impl Desk {
    /// The desk in `folder`, with the system's keyring and clock. Nothing is read yet.
    pub fn at(folder: &Path) -> Self {
        Self::with(folder, Arc::new(SystemRing), Arc::new(|| Local::now().fixed_offset()))
    }

    /// The desk in `folder` with a keyring and a clock of the caller's.
    pub fn with(folder: &Path, ring: Arc<dyn Ring>, clock: Clock) -> Self {
        Desk {
            folder: folder.to_path_buf(),
            ring,
            state: Mutex::default(),
            clock,
            press: OnceLock::new(),
            copying: Default::default(),
            calls: Mutex::default(),
        }
    }

    /// The folder it lies in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // The state is replaced whole; a panic elsewhere cannot have left it half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> DateTime<FixedOffset> {
        (self.clock)()
    }

    /// What tells the time here.
    pub(crate) fn clock(&self) -> Clock {
        self.clock.clone()
    }

    pub(crate) fn open(&self) -> Result<Arc<Open>, Failure> {
        self.state().open.clone().ok_or_else(|| Failure::new(Code::Locked))
    }

    /// The press, its fonts read on first use.
    pub(crate) fn press(&self) -> Result<&Press, Failure> {
        if let Some(press) = self.press.get() {
            return Ok(press);
        }
        let press = Press::new()?;
        Ok(self.press.get_or_init(|| press))
    }

    /// What the interface needs to draw itself.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn info(&self) -> Result<DeskInfo, Failure> {
        let open = self.open()?;
        let confirmed = open.store.preference(RECOVERY_CONFIRMED).await?;
        let form = open.form();
        let seat = open.seat();
        Ok(DeskInfo {
            company: open.company().to_string(),
            seat: seat.id,
            via: seat.via,
            roles: seat.member.roles.clone(),
            member: seat.member.name.clone(),
            employee_number: seat.member.employee_number.clone(),
            post: seat.member.post.clone(),
            department: seat.member.department.clone(),
            device_code: open.store.device().code.clone(),
            template: form.template.clone(),
            process: Template::process(),
            codes: form.codes.clone(),
            recovery_confirmed: confirmed.is_some(),
        })
    }
}

/// Preference that is set once part of the recovery code was typed back.
pub(crate) const RECOVERY_CONFIRMED: &str = "recovery_confirmed";

impl Open {
    /// Reads what a desk needs from its open store. Nobody sits here yet.
    pub(crate) async fn load(store: Store, key: DatabaseKey) -> Result<Self, Failure> {
        let company = company(&store).await?;
        let form = Form::load(&store).await?;
        repeats::begin(&store).await?;
        Ok(Open {
            company: Mutex::new(company),
            seats: Seats::default(),
            form: Mutex::new(Arc::new(form)),
            revealed: Revealed::default(),
            looking: Looking::default(),
            exchanges: Exchanges::default(),
            store,
            key,
        })
    }

    /// Its name; empty until it came.
    pub(crate) fn company(&self) -> Arc<str> {
        self.company.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads its name anew.
    pub(crate) async fn reload_company(&self) -> Result<(), Failure> {
        let name = company(&self.store).await?;
        *self.company.lock().unwrap_or_else(PoisonError::into_inner) = name;
        Ok(())
    }

    pub(crate) fn form(&self) -> Arc<Form> {
        self.form.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn company(store: &Store) -> Result<Arc<str>, Failure> {
    let record = store.record(only_record(kind::COMPANY)).await?.unwrap_or_default();
    Ok(record.text("name").unwrap_or_default().into())
}

impl Form {
    pub(crate) async fn load(store: &Store) -> Result<Self, Failure> {
        let record = store.record(only_record(kind::TEMPLATE)).await?.unwrap_or_default();
        let custom = custom_fields(&record);
        let mut codes = CodeLists::shipped();
        codes.0.extend(custom.iter().filter_map(CustomField::code_list));
        let template = Template::registration().with_custom(&custom);
        let sheet = Sheet::of(codes.clone());
        Ok(Form { masking: Masking::by(&template).key, whole: whole(&template), sheet, template, codes, custom })
    }

    pub(crate) fn masking(&self) -> Masking<'_> {
        Masking { template: &self.template, key: self.masking }
    }

    pub(crate) fn rules(&self, now: DateTime<FixedOffset>) -> Rules<'_> {
        Rules { template: &self.template, codes: &self.codes, now }
    }
}
