//! Opening: through the keyring at start, else by passphrase or recovery code; and locking.

use std::sync::Arc;

use uuid::Uuid;

use kefu_local::Store;
use kefu_vault::{DatabaseKey, KeyFile, KeysError, RecoveryCode, Tries};

use crate::desk::{Desk, Open};
use crate::members::first_administrator;
use crate::preferences;
use crate::repeats::{before_close, look_soon};
use crate::seat::members;
use crate::setup::{STARTING, blocking, check_passphrase};
use crate::wire::{Code, Failure, KeyringTrouble, Stage, Status, UnlockRequest};

impl Desk {
    /// Opens through the system's keyring, if that works. A keyring that does not is no error: the passphrase is asked.
    ///
    /// # Errors
    /// The key file or the database cannot be read.
    pub async fn start(&self) -> Result<Status, Failure> {
        if !Store::exists(&self.folder) {
            // Keys whose database is gone (moved, in quarantine, a drive not mounted): no place for a new desk.
            let orphaned = KeyFile::exists(&self.folder) && !self.folder.join(STARTING).exists();
            return if orphaned { Err(Failure::new(Code::NotSetUp)) } else { Ok(self.status()) };
        }
        let keys = KeyFile::read(&self.folder)?;
        let (ring, tried) = (self.ring.clone(), keys.clone());
        let answer = blocking(move || match tried.open_by_ring(ring.as_ref()) {
            Ok(key) => Ok(Ok(key)),
            Err(KeysError::Ring(trouble)) => Ok(Err(trouble)),
            Err(error) => Err(error.into()),
        });
        match answer.await? {
            Ok(key) => self.start_seated(key, &keys).await?,
            Err(trouble) => self.state().keyring = Some(trouble.into()),
        }
        Ok(self.status())
    }

    /// Opens with the keyring's key and seats whoever signed in last here, unless an administrator wants everyone to
    /// sign in, or that one has left.
    async fn start_seated(&self, key: DatabaseKey, keys: &KeyFile) -> Result<(), Failure> {
        let open = Open::load(Store::open(&self.folder, &key).await?, key).await?;
        let wanted = preferences::read(&open.store).await?.keyring_seat;
        let last = self.last_seat(&open.store, keys).await?.filter(|seat| wanted && keys.seats().contains(seat));
        let seated = match last {
            Some(last) => open.seat_member(last, None).await,
            None => Err(Failure::new(Code::NoSeat)),
        };
        match seated {
            Ok(()) => {
                self.opened(open);
                Ok(())
            }
            Err(failure) => {
                open.store.close().await;
                if failure.code != Code::NoSeat {
                    return Err(failure);
                }
                self.state().keyring = Some(KeyringTrouble::Unseated);
                Ok(())
            }
        }
    }

    /// How far the desk is.
    pub fn status(&self) -> Status {
        let state = self.state();
        let stage = match (&state.open, Store::exists(&self.folder)) {
            (Some(_), _) => Stage::Open,
            (None, true) => Stage::Locked,
            (None, false) => Stage::FirstStart,
        };
        Status {
            stage,
            keyring: state.keyring.filter(|_| stage == Stage::Locked),
            idle_locked: state.idle_locked && stage == Stage::Locked,
            wait_seconds: Tries::in_folder(&self.folder).wait_seconds(self.now_ms()),
            version: env!("CARGO_PKG_VERSION").into(),
        }
    }

    /// Opens by passphrase or recovery code. The seat whose passphrase it is sits down; by recovery code the first
    /// administrator, whose passphrase the new one then is.
    ///
    /// # Errors
    /// [`Code::WrongPassphrase`], [`Code::WrongRecoveryCode`], [`Code::TooSoon`] after several wrong tries,
    /// [`Code::NoSeat`] where the passphrase is that of a member who has left.
    pub async fn unlock(&self, request: UnlockRequest) -> Result<Status, Failure> {
        self.admit(request).await?;
        self.remember(&*self.open()?).await;
        Ok(self.status())
    }

    /// Opens and seats, without noting who signed in last.
    pub(crate) async fn admit(&self, request: UnlockRequest) -> Result<(), Failure> {
        if !Store::exists(&self.folder) {
            return Err(Failure::new(Code::NotSetUp));
        }
        let keys = KeyFile::read(&self.folder)?;
        let key = match request {
            UnlockRequest::Passphrase(passphrase) => {
                let likely = self.likely_seat();
                let (key, seat) = self.guarded(move || keys.open_by_passphrase(&passphrase, likely)).await?;
                self.sit_down(key.clone(), Some(seat), None).await?;
                key
            }
            UnlockRequest::Recovery { code, new_passphrase } => {
                check_passphrase(&new_passphrase)?;
                let code = RecoveryCode::parse(&code).ok_or_else(|| Failure::new(Code::WrongRecoveryCode))?;
                let key = self.guarded(move || keys.open_by_recovery(&code)).await?;
                self.sit_down(key.clone(), None, Some(new_passphrase)).await?;
                key
            }
        };
        self.mend_keyring(key).await;
        Ok(())
    }

    /// Locks: closes the database and forgets its key.
    pub async fn lock(&self) -> Status {
        let open = {
            let mut state = self.state();
            state.idle_locked = state.open.is_some();
            state.open.take()
        };
        if let Some(open) = open {
            before_close(&open, &self.clock).await;
            open.store.close().await;
        }
        self.status()
    }

    /// Runs a try that counts when it is wrong.
    pub(crate) async fn guarded<T, F>(&self, attempt: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T, KeysError> + Send + 'static,
    {
        let tries = Tries::in_folder(&self.folder);
        let wait = tries.wait_seconds(self.now_ms());
        if wait > 0 {
            return Err(Failure::new(Code::TooSoon).with("seconds", wait));
        }
        let result = blocking(|| Ok(attempt())).await?;
        match &result {
            Ok(_) => tries.succeeded(),
            Err(KeysError::WrongPassphrase | KeysError::WrongRecoveryCode) => tries.failed(self.now_ms()),
            Err(_) => {}
        }
        Ok(result?)
    }

    /// Opens with `key` and seats `seat`, or the first administrator where none is named; `passphrase` becomes his.
    async fn sit_down(&self, key: DatabaseKey, seat: Option<Uuid>, passphrase: Option<String>) -> Result<(), Failure> {
        let open = Open::load(Store::open(&self.folder, &key).await?, key).await?;
        match self.seat_in(&open, seat, passphrase).await {
            Ok(()) => {
                self.opened(open);
                Ok(())
            }
            Err(failure) => {
                open.store.close().await;
                Err(failure)
            }
        }
    }

    async fn seat_in(&self, open: &Open, seat: Option<Uuid>, passphrase: Option<String>) -> Result<(), Failure> {
        let mut keys = KeyFile::read(&self.folder)?;
        let seat = match seat {
            Some(seat) => seat,
            None => {
                let first = first_administrator(&members(&open.store).await?, &keys.seats());
                first.or_else(|| keys.first_seat()).unwrap_or_else(Uuid::nil)
            }
        };
        open.seat_member(seat, None).await?;
        if let Some(passphrase) = passphrase {
            let key = open.key.clone();
            blocking(move || Ok(keys.set_passphrase(&key, seat, &passphrase)?)).await?;
        }
        Ok(())
    }

    fn opened(&self, open: Open) {
        let open = Arc::new(open);
        look_soon(&open, &self.clock);
        let mut state = self.state();
        state.open = Some(open);
        state.idle_locked = false;
    }

    /// Where the keyring had lost its key or held a wrong one, it gets a new one.
    async fn mend_keyring(&self, key: DatabaseKey) {
        let lost = matches!(self.state().keyring, Some(KeyringTrouble::NoEntry | KeyringTrouble::Wrong));
        if !lost {
            return;
        }
        let (folder, ring) = (self.folder.clone(), self.ring.clone());
        let mended = blocking(move || Ok(KeyFile::read(&folder)?.attach_ring(&key, ring.as_ref())?)).await;
        if mended.is_ok() {
            self.state().keyring = None;
        }
    }

    fn now_ms(&self) -> u64 {
        self.now().timestamp_millis().max(0) as u64
    }
}
