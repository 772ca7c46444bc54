//! The key file: slots that each wrap the database key. Two copies are kept; losing both loses the desk.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::seal::{Sealed, stretch};
use crate::{DatabaseKey, RecoveryCode, Ring, RingTrouble};

/// Shortest passphrase, in characters.
pub const MIN_PASSPHRASE: usize = 8;

const FILE: &str = "keys.json";
const SPARE: &str = "keys.spare.json";
const FORMAT: u32 = 1;

/// Why the keys are not to be had.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// There is no key file here.
    #[error("no key file here")]
    Missing,
    /// Both copies of the key file are damaged, or a newer program wrote them.
    #[error("the key file is damaged or newer than this program")]
    Unreadable,
    /// A key file lies here already.
    #[error("a key file lies here already")]
    Exists,
    /// The passphrase opens no slot.
    #[error("wrong passphrase")]
    WrongPassphrase,
    /// The recovery code opens no slot.
    #[error("wrong recovery code")]
    WrongRecoveryCode,
    /// The keyring did not help.
    #[error(transparent)]
    Ring(#[from] RingTrouble),
    /// The file could not be written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The system's random source or memory failed.
    #[error("the system failed: {0}")]
    System(String),
}

impl From<getrandom::Error> for KeysError {
    fn from(error: getrandom::Error) -> Self {
        KeysError::System(error.to_string())
    }
}

impl From<argon2::Error> for KeysError {
    fn from(error: argon2::Error) -> Self {
        KeysError::System(error.to_string())
    }
}

/// One way to the database key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Slot {
    /// A seat's passphrase.
    Passphrase { seat: Uuid, salt: String, sealed: Sealed },
    /// The recovery code.
    Recovery { salt: String, sealed: Sealed },
    /// A key that the system's keyring holds.
    Keyring { sealed: Sealed },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Content {
    format: u32,
    desk: Uuid,
    slots: Vec<Slot>,
}

/// What is found under one of the two names.
enum Found {
    Whole(Content),
    Missing,
    /// Cannot be read, or is no key file.
    Damaged,
    /// A newer program wrote it.
    Newer,
}

impl Found {
    fn read(path: &Path) -> Self {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        match fs::read(path) {
            Ok(bytes) => match serde_json::from_slice::<Format>(&bytes) {
                Ok(Format { format }) if format > FORMAT => Found::Newer,
                Ok(Format { format: FORMAT }) => serde_json::from_slice(&bytes).map_or(Found::Damaged, Found::Whole),
                _ => Found::Damaged,
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Found::Missing,
            Err(_) => Found::Damaged,
        }
    }

    fn whole(self) -> Option<Content> {
        match self {
            Found::Whole(content) => Some(content),
            _ => None,
        }
    }
}

/// The key file of one desk.
#[derive(Debug, Clone)]
pub struct KeyFile {
    folder: PathBuf,
    content: Content,
}

impl KeyFile {
    /// Whether a key file, or its spare, lies in `folder`.
    pub fn exists(folder: &Path) -> bool {
        folder.join(FILE).exists() || folder.join(SPARE).exists()
    }

    /// Makes the key file of a new desk with a passphrase slot for `seat` and a recovery slot.
    ///
    /// # Errors
    /// [`KeysError::Exists`] where one lies already: a key is never replaced by a new one.
    pub fn create(folder: &Path, seat: Uuid, passphrase: &str) -> Result<(Self, DatabaseKey, RecoveryCode), KeysError> {
        if Self::exists(folder) {
            return Err(KeysError::Exists);
        }
        let key = DatabaseKey::random()?;
        let content = Content { format: FORMAT, desk: Uuid::now_v7(), slots: Vec::new() };
        let mut file = KeyFile { folder: folder.to_path_buf(), content };
        file.put_passphrase(&key, seat, passphrase)?;
        let code = file.put_recovery(&key)?;
        file.save()?;
        Ok((file, key, code))
    }

    /// Reads the key file in `folder`, or its spare copy where the first cannot be read.
    ///
    /// # Errors
    /// [`KeysError::Missing`] where neither copy is there, [`KeysError::Unreadable`] where neither can be read.
    pub fn read(folder: &Path) -> Result<Self, KeysError> {
        let copies = [FILE, SPARE].map(|name| Found::read(&folder.join(name)));
        let missing = copies.iter().all(|copy| matches!(copy, Found::Missing));
        // The first is written first: where both are whole but differ, it is the later one.
        match copies.into_iter().find_map(Found::whole) {
            Some(content) => Ok(KeyFile { folder: folder.to_path_buf(), content }),
            None if missing => Err(KeysError::Missing),
            None => Err(KeysError::Unreadable),
        }
    }

    /// Writes both copies again where one is missing, damaged or behind. A copy that may hold more than this one, of a
    /// newer program or another desk, is left alone.
    ///
    /// # Errors
    /// The files cannot be written.
    pub fn mend(&self) -> Result<(), KeysError> {
        let copies = [FILE, SPARE].map(|name| Found::read(&self.folder.join(name)));
        let fits = |copy: &Found| match copy {
            Found::Whole(content) => content.desk == self.content.desk,
            Found::Missing | Found::Damaged => true,
            Found::Newer => false,
        };
        let sound = copies.iter().all(|copy| matches!(copy, Found::Whole(content) if *content == self.content));
        if sound || !copies.iter().all(fits) {
            return Ok(());
        }
        // Another hand may have written since this was read; what lies there now is the later one.
        match copies.into_iter().find_map(Found::whole) {
            Some(content) => KeyFile { folder: self.folder.clone(), content }.save(),
            None => self.save(),
        }
    }

    /// The seat that was here first, the administrator's.
    pub fn first_seat(&self) -> Option<Uuid> {
        self.seats().first().copied()
    }

    /// The seats that have a passphrase of their own, the first one first.
    pub fn seats(&self) -> Vec<Uuid> {
        let seat = |slot: &Slot| match slot {
            Slot::Passphrase { seat, .. } => Some(*seat),
            _ => None,
        };
        self.content.slots.iter().filter_map(seat).collect()
    }

    fn purpose(&self, slot: &str) -> String {
        format!("kefu key slot 1 {} {slot}", self.content.desk)
    }

    fn ring_name(&self) -> String {
        self.content.desk.to_string()
    }

    /// Opens by passphrase. Gives the seat whose passphrase it is. `likely` is tried first: every slot costs a key
    /// derivation, so that whoever sat here last need not wait for all the others. Of two seats with the same
    /// passphrase the one tried first opens.
    ///
    /// # Errors
    /// [`KeysError::WrongPassphrase`].
    pub fn open_by_passphrase(&self, passphrase: &str, likely: Option<Uuid>) -> Result<(DatabaseKey, Uuid), KeysError> {
        let mut seats = self.seats();
        seats.sort_by_key(|seat| Some(*seat) != likely); // stable: the others keep their order
        for seat in seats {
            match self.open_seat(seat, passphrase) {
                Err(KeysError::WrongPassphrase) => {}
                opened => return Ok((opened?, seat)),
            }
        }
        Err(KeysError::WrongPassphrase)
    }

    /// Opens by the passphrase of one seat; nobody else's will do.
    ///
    /// # Errors
    /// [`KeysError::WrongPassphrase`], also where the seat has no slot.
    pub fn open_seat(&self, seat: Uuid, passphrase: &str) -> Result<DatabaseKey, KeysError> {
        let slots = self.content.slots.iter().filter_map(|slot| match slot {
            Slot::Passphrase { seat: other, salt, sealed } if *other == seat => Some((salt, sealed)),
            _ => None,
        });
        for (salt, sealed) in slots {
            let purpose = self.purpose(&format!("passphrase {seat}"));
            if let Some(key) = open_stretched(passphrase, salt, sealed, &purpose)? {
                self.mend_if_possible();
                return Ok(key);
            }
        }
        Err(KeysError::WrongPassphrase)
    }

    /// Opens by recovery code.
    ///
    /// # Errors
    /// [`KeysError::WrongRecoveryCode`].
    pub fn open_by_recovery(&self, code: &RecoveryCode) -> Result<DatabaseKey, KeysError> {
        for slot in &self.content.slots {
            if let Slot::Recovery { salt, sealed } = slot
                && let Some(key) = open_stretched(code.canonical(), salt, sealed, &self.purpose("recovery"))?
            {
                self.mend_if_possible();
                return Ok(key);
            }
        }
        Err(KeysError::WrongRecoveryCode)
    }

    /// Opens by the key that `ring` holds.
    ///
    /// # Errors
    /// [`KeysError::Ring`] with the kind of trouble.
    pub fn open_by_ring(&self, ring: &dyn Ring) -> Result<DatabaseKey, KeysError> {
        let sealed = self.content.slots.iter().find_map(|slot| match slot {
            Slot::Keyring { sealed } => Some(sealed),
            _ => None,
        });
        // Without a slot no entry could open anything, but whether there is a keyring at all must still be told.
        let answer = ring.get(&self.ring_name());
        let sealed = match sealed {
            Some(sealed) => sealed,
            None => return Err(answer.err().unwrap_or(RingTrouble::NoEntry).into()),
        };
        let bytes = sealed.open(&*answer?, &self.purpose("keyring")).map_err(|_| RingTrouble::Wrong)?;
        let key = DatabaseKey::from_bytes(&bytes).ok_or(RingTrouble::Wrong)?;
        self.mend_if_possible();
        Ok(key)
    }

    /// Mends the copies after they have opened. A folder that cannot be written must still open.
    fn mend_if_possible(&self) {
        let _ = self.mend();
    }

    /// Sets the passphrase of `seat` and writes the file.
    ///
    /// # Errors
    /// The file could not be written; it is then as before.
    pub fn set_passphrase(&mut self, key: &DatabaseKey, seat: Uuid, passphrase: &str) -> Result<(), KeysError> {
        self.put_passphrase(key, seat, passphrase)?;
        self.save()
    }

    /// Takes the passphrase of `seat` away and writes the file. Whoever has it cannot open the desk with it any more.
    /// The last passphrase stays: without one only recovery code and keyring would be left.
    ///
    /// # Errors
    /// The file could not be written; the passphrase then still opens.
    pub fn remove_seat(&mut self, seat: Uuid) -> Result<(), KeysError> {
        let seats = self.seats();
        if seats.len() < 2 || !seats.contains(&seat) {
            return Ok(());
        }
        self.content.slots.retain(|slot| !matches!(slot, Slot::Passphrase { seat: other, .. } if *other == seat));
        self.save()
    }

    /// Makes a new recovery code in place of the old one and writes the file.
    ///
    /// # Errors
    /// The file could not be written; the old code then still opens.
    pub fn renew_recovery(&mut self, key: &DatabaseKey) -> Result<RecoveryCode, KeysError> {
        let code = self.put_recovery(key)?;
        self.save()?;
        Ok(code)
    }

    /// Gives `ring` a key of its own for this desk, so that later starts open through it.
    ///
    /// # Errors
    /// [`KeysError::Ring`] where the keyring does not take it; the other slots are untouched.
    pub fn attach_ring(&mut self, key: &DatabaseKey, ring: &dyn Ring) -> Result<(), KeysError> {
        let own = DatabaseKey::random()?;
        let sealed = Sealed::new(own.bytes(), &self.purpose("keyring"), key.bytes())?;
        ring.set(&self.ring_name(), own.bytes())?;
        self.content.slots.retain(|s| !matches!(s, Slot::Keyring { .. }));
        self.content.slots.push(Slot::Keyring { sealed });
        self.save()
    }

    fn put_passphrase(&mut self, key: &DatabaseKey, seat: Uuid, passphrase: &str) -> Result<(), KeysError> {
        let (salt, sealed) = seal_stretched(passphrase, key, &self.purpose(&format!("passphrase {seat}")))?;
        let is_own = |slot: &&mut Slot| matches!(slot, Slot::Passphrase { seat: other, .. } if *other == seat);
        let own = self.content.slots.iter_mut().find(is_own);
        let slot = Slot::Passphrase { seat, salt, sealed };
        // In its old place, so that the first seat stays the first.
        match own {
            Some(own) => *own = slot,
            None => self.content.slots.push(slot),
        }
        Ok(())
    }

    fn put_recovery(&mut self, key: &DatabaseKey) -> Result<RecoveryCode, KeysError> {
        let code = RecoveryCode::random()?;
        let (salt, sealed) = seal_stretched(code.canonical(), key, &self.purpose("recovery"))?;
        self.content.slots.retain(|s| !matches!(s, Slot::Recovery { .. }));
        self.content.slots.push(Slot::Recovery { salt, sealed });
        Ok(code)
    }

    /// Writes both copies, each whole or not at all.
    fn save(&self) -> Result<(), KeysError> {
        let bytes = serde_json::to_vec_pretty(&self.content).map_err(io::Error::from)?;
        for name in [FILE, SPARE] {
            let part = self.folder.join(format!("{name}.part"));
            let mut file = File::create(&part)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            drop(file);
            fs::rename(&part, self.folder.join(name))?;
        }
        #[cfg(unix)]
        File::open(&self.folder)?.sync_all()?; // the names, too, must survive a power cut
        Ok(())
    }
}

fn seal_stretched(typed: &str, key: &DatabaseKey, purpose: &str) -> Result<(String, Sealed), KeysError> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt)?;
    let stretched = stretch(typed, &salt)?;
    Ok((BASE64.encode(&salt), Sealed::new(&stretched, purpose, key.bytes())?))
}

fn open_stretched(typed: &str, salt: &str, sealed: &Sealed, purpose: &str) -> Result<Option<DatabaseKey>, KeysError> {
    let salt: Option<[u8; 16]> = BASE64.decode(salt.as_bytes()).ok().and_then(|s| s.try_into().ok());
    let stretched: Zeroizing<[u8; 32]> = stretch(typed, &salt.ok_or(KeysError::Unreadable)?)?;
    Ok(sealed.open(&stretched, purpose).ok().and_then(|bytes| DatabaseKey::from_bytes(&bytes)))
}

#[cfg(test)]
mod tests;
