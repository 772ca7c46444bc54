//! Changing the ways into the desk: recovery code and passphrase.

use kefu_vault::KeyFile;

use crate::desk::{Desk, RECOVERY_CONFIRMED};
use crate::setup::{blocking, check_passphrase};
use crate::wire::{ChangePassphraseRequest, Failure, PassphraseRequest, RecoveryCode};

impl Desk {
    /// Notes that the person has typed part of the recovery code back.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn confirm_recovery(&self) -> Result<(), Failure> {
        Ok(self.open()?.store.set_preference(RECOVERY_CONFIRMED, "1").await?)
    }

    /// Makes a new recovery code; the old one opens nothing any more. The code seats an administrator, so only one may
    /// ask for it.
    ///
    /// # Errors
    /// [`Code::NotAllowed`], or the passphrase is not the administrator's own.
    pub async fn renew_recovery(&self, request: PassphraseRequest) -> Result<RecoveryCode, Failure> {
        let open = self.open()?;
        let seat = open.administrator()?.id;
        let mut keys = KeyFile::read(&self.folder)?;
        let tried = keys.clone();
        self.guarded(move || tried.open_seat(seat, &request.passphrase)).await?;
        let key = open.key.clone();
        let code = blocking(move || Ok(keys.renew_recovery(&key)?)).await?;
        open.store.forget_preference(RECOVERY_CONFIRMED).await?; // the new one has yet to be written down
        Ok(RecoveryCode { recovery_code: code.shown().to_string() })
    }

    /// Changes the passphrase of whoever sits here.
    ///
    /// # Errors
    /// The old one is not his own, or the new one too short.
    pub async fn change_passphrase(&self, request: ChangePassphraseRequest) -> Result<(), Failure> {
        let open = self.open()?;
        check_passphrase(&request.new_passphrase)?;
        let seat = open.seat().id;
        let mut keys = KeyFile::read(&self.folder)?;
        let tried = keys.clone();
        self.guarded(move || tried.open_seat(seat, &request.passphrase)).await?;
        let key = open.key.clone();
        blocking(move || Ok(keys.set_passphrase(&key, seat, &request.new_passphrase)?)).await
    }
}
