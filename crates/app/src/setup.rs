//! First start: makes the keys, the database and its first records: the company, its first member and its rules.

use std::path::Path;
use std::{fs, io};

use serde_json::json;
use uuid::Uuid;

use kefu_domain::Values;
use kefu_domain::change::{act, kind};
use kefu_domain::decide::Draft;
use kefu_domain::member::{self, FOUNDER, Member};
use kefu_domain::number::DeviceCode;
use kefu_domain::validate::{FieldError, Problem};
use kefu_local::{DeviceInfo, Store};
use kefu_vault::{DatabaseKey, KeyFile, MIN_PASSPHRASE};

use crate::desk::{Desk, Open, only_record};
use crate::failure::{file_not_written, logged};
use crate::rules::{founding, version};
use crate::wire::{Code, Failure, SetupDone, SetupRequest};

/// Longest name of a company, a person, a post or a department.
const LONGEST: usize = 80;

impl Desk {
    /// Sets up a new desk in this folder and opens it.
    ///
    /// # Errors
    /// [`Code::AlreadySetUp`] where a database lies here: neither it nor its keys are touched.
    pub async fn setup(&self, request: SetupRequest) -> Result<SetupDone, Failure> {
        let code: DeviceCode = request.device_code.parse().map_err(|_| Failure::new(Code::BadDeviceCode))?;
        check_names(&request)?;
        check_passphrase(&request.passphrase)?;
        let (seat, now) = (Uuid::now_v7(), self.now());
        let device = DeviceInfo { id: Uuid::now_v7(), code: code.to_string() };
        let first_records = |store: Store, _| async move {
            let mut door = store.door(now).await?;
            let company = Values::from([("name".into(), json!(request.company.trim()))]);
            let draft = Draft::new(only_record(kind::COMPANY), kind::COMPANY, act::FOUND).setting(company);
            door.write(draft, seat).await?;
            let member = Member {
                name: request.member.clone(),
                employee_number: request.employee_number.clone(),
                post: request.post.clone(),
                department: request.department.clone(),
                roles: FOUNDER.map(str::to_string).to_vec(),
                active: true,
                ..Member::default()
            };
            door.write(member::enrol(seat, &member)?, seat).await?;
            for set in founding(now.date_naive(), request.member.trim()) {
                let draft = version(&set, act::ADOPT).map_err(|error| logged(Code::Internal, &error))?;
                door.write(draft, seat).await?;
            }
            Ok(door.commit().await?)
        };
        let Made { recovery_code, keyring } =
            self.make(seat, request.passphrase.clone(), device, first_records).await?;
        Ok(SetupDone { recovery_code, device_code: code.to_string(), keyring })
    }

    /// Makes a desk in this folder that `seat` opens with `passphrase`, with what `fill` writes into it, and opens it.
    ///
    /// # Errors
    /// [`Code::AlreadySetUp`] where a database lies here: neither it nor its keys are touched. Nothing is left behind
    /// where `fill` fails.
    pub(crate) async fn make<F, W>(
        &self,
        seat: Uuid,
        passphrase: String,
        device: DeviceInfo,
        fill: F,
    ) -> Result<Made, Failure>
    where
        F: FnOnce(Store, DatabaseKey) -> W,
        W: Future<Output = Result<(), Failure>>,
    {
        fs::create_dir_all(&self.folder).and_then(|()| private(&self.folder)).map_err(|e| file_not_written(&e))?;
        // One set-up at a time, and the question asked again inside.
        let turn = fs::File::create(self.folder.join("starting.lock")).map_err(|e| file_not_written(&e))?;
        turn.try_lock().map_err(|_| Failure::new(Code::AlreadySetUp))?;
        if Store::exists(&self.folder) {
            return Err(Failure::new(Code::AlreadySetUp));
        }
        set_aside(&self.folder, self.now().timestamp()).map_err(|e| file_not_written(&e))?;
        // The desk is made aside and moved here when it is whole, so that a crash leaves no half of one behind.
        let aside = self.folder.join(STARTING);
        let _ = fs::remove_dir_all(&aside);
        fs::create_dir_all(&aside).map_err(|e| file_not_written(&e))?;
        let (folder, ring) = (aside.clone(), self.ring.clone());
        let (key, recovery, keyring) = blocking(move || {
            let (mut keys, key, recovery) = KeyFile::create(&folder, seat, &passphrase)?;
            let keyring = keys.attach_ring(&key, ring.as_ref()).is_ok();
            Ok::<_, Failure>((key, recovery, keyring))
        })
        .await?;

        let store = Store::create(&aside, &key, device).await?;
        let filled = fill(store.clone(), key.clone()).await;
        store.close().await;
        filled?;
        for file in fs::read_dir(&aside).map_err(|e| file_not_written(&e))? {
            let file = file.map_err(|e| file_not_written(&e))?;
            // The database goes last: its presence is what makes this a desk.
            if file.file_name() != "desk.db" {
                fs::rename(file.path(), self.folder.join(file.file_name())).map_err(|e| file_not_written(&e))?;
            }
        }
        fs::rename(Store::path(&aside), Store::path(&self.folder)).map_err(|e| file_not_written(&e))?;
        let _ = fs::remove_dir(&aside);
        let _ = fs::remove_file(self.folder.join("starting.lock"));

        let store = Store::open(&self.folder, &key).await?;
        let open = Open::load(store, key).await?;
        open.seat_member(seat, None).await?;
        self.remember(&open).await;
        self.state().open = Some(open.into());
        Ok(Made { recovery_code: recovery.shown().to_string(), keyring })
    }
}

/// A desk was made and is open.
pub(crate) struct Made {
    /// Shown once.
    pub(crate) recovery_code: String,
    /// Opened by the system's keyring from now on.
    pub(crate) keyring: bool,
}

/// Folder in which a new desk is made.
pub(crate) const STARTING: &str = "starting";

/// Puts what an earlier desk left here out of the way, under names with `seconds` in them: its keys may open a database
/// that somebody moved, its write-ahead log may hold the only copy of the last forms.
fn set_aside(folder: &Path, seconds: i64) -> io::Result<()> {
    for name in ["keys.json", "keys.spare.json", "desk.db-wal", "desk.db-shm", "head"] {
        match fs::rename(folder.join(name), folder.join(format!("{name}.{seconds}.old"))) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// The folder is nobody else's: other users of the machine could try passphrases on a copy.
#[cfg(unix)]
fn private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

/// On Windows a user's application data are his own already.
#[cfg(not(unix))]
fn private(_folder: &Path) -> io::Result<()> {
    Ok(())
}

fn check_names(request: &SetupRequest) -> Result<(), Failure> {
    let mut errors = Vec::new();
    for (field, text, required) in [
        ("company", &request.company, true),
        ("member", &request.member, true),
        ("employee_number", &request.employee_number, false),
        ("post", &request.post, false),
        ("department", &request.department, false),
    ] {
        if required && text.trim().is_empty() {
            errors.push(FieldError::new(field, Problem::Required));
        } else if text.chars().count() > LONGEST {
            let detail = Some(LONGEST.to_string());
            errors.push(FieldError { field: field.into(), problem: Problem::TooLong, detail });
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Failure::fields(errors)) }
}

/// Long enough to be one.
pub(crate) fn check_passphrase(passphrase: &str) -> Result<(), Failure> {
    if passphrase.chars().count() < MIN_PASSPHRASE { Err(Failure::new(Code::WeakPassphrase)) } else { Ok(()) }
}

/// Runs work that takes long without waiting (key derivation, the keyring) beside the runtime.
pub(crate) async fn blocking<T, F>(work: F) -> Result<T, Failure>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, Failure> + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(logged(Code::Internal, &error)),
    }
}
