//! The desk that is measured: made-up forms in a folder of the build output, the same in every run.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use chrono::TimeDelta;
use kefu_app::wire::{Filter, ListRequest, SetupRequest, SortKey, Stage, UnlockRequest};
use kefu_app::{Clock, Desk};
use kefu_domain::Record;
use kefu_testkit::MemoryRing;
use kefu_vault::{DatabaseKey, KeyFile};
use tempfile::TempDir;
use uuid::Uuid;

use crate::Outcome;
use crate::floor::connect;
use crate::options::Options;

/// Opens a made-up desk that holds made-up people.
pub(crate) const PASSPHRASE: &str = "benchmark desk";
/// Seed of its forms.
const SEED: u64 = 1;

/// An open desk full of forms.
pub(crate) struct MadeDesk {
    pub(crate) desk: Desk,
    pub(crate) folder: PathBuf,
    pub(crate) key: DatabaseKey,
    /// Forms it was made with.
    pub(crate) forms: u32,
    /// Removes the folder of a desk that nobody asked to keep.
    _folder: Option<TempDir>,
}

impl MadeDesk {
    /// Makes the desk, or opens the kept one.
    pub(crate) async fn ready(options: &Options) -> Outcome<Self> {
        let (folder, made_for_now) = match &options.keep {
            Some(folder) => (folder.clone(), None),
            None => {
                let made = tempfile::Builder::new().prefix("bench-").tempdir_in(build_output()?)?;
                (made.path().to_path_buf(), Some(made))
            }
        };
        std::fs::create_dir_all(&folder)?;
        let desk = quiet(&folder);
        if desk.status().stage == Stage::FirstStart {
            make(&desk, options.forms).await?;
        } else {
            desk.unlock(UnlockRequest::Passphrase(PASSPHRASE.into())).await?;
        }
        let (key, _) = KeyFile::read(&folder)?.open_by_passphrase(PASSPHRASE, None)?;
        // What is still to be merged and masked after so many forms at once is no part of any measure.
        desk.settle().await?;
        let there = total(&desk).await?;
        if there < u64::from(options.forms) {
            return Err(format!("the kept desk has {there} forms: name another folder, or --forms {there}").into());
        }
        println!("desk of {there} forms, {} MB", database(&folder).metadata()?.len() >> 20);
        Ok(MadeDesk { desk, folder, key, forms: options.forms, _folder: made_for_now })
    }

    /// A desk of `forms` that was made in `folder` otherwise.
    pub(crate) fn of(desk: Desk, folder: TempDir, forms: u32) -> Outcome<Self> {
        let (key, _) = KeyFile::read(folder.path())?.open_by_passphrase(PASSPHRASE, None)?;
        Ok(MadeDesk { desk, folder: folder.path().to_path_buf(), key, forms, _folder: Some(folder) })
    }

    /// Path of the database.
    pub(crate) fn database(&self) -> PathBuf {
        database(&self.folder)
    }

    /// `count` forms with their ids, spread evenly over those it was made with. Read from the file itself: who measures is
    /// masked what he has no need of, and nobody looks for a name with stars in it.
    pub(crate) async fn sample(&self, count: u32) -> Outcome<Vec<(Uuid, Record)>> {
        let mut bare = connect(&self.database(), &self.key).await?;
        let sql = "SELECT r.id, r.body FROM forms f JOIN records r ON r.row = f.row WHERE f.row >= \
                   (SELECT min(row) + (max(row) - min(row)) * ? / ? FROM forms) ORDER BY f.row LIMIT 1";
        let mut forms = Vec::with_capacity(count as usize);
        for nth in 0..count {
            let query = sqlx::query_as::<_, (Uuid, String)>(sql).bind(nth).bind(count);
            let (id, body) = query.fetch_one(&mut bare).await?;
            forms.push((id, serde_json::from_str(&body)?));
        }
        Ok(forms)
    }
}

fn database(folder: &Path) -> PathBuf {
    folder.join("desk.db")
}

/// The folder of build output: this program lies in `<target>/release/`.
fn build_output() -> Outcome<PathBuf> {
    let program = std::env::current_exe()?;
    Ok(program.ancestors().nth(2).ok_or("the build folder could not be found")?.to_path_buf())
}

/// The desk in `folder` with a keyring of its own, so that a person's is left alone, and a clock that starts on the
/// same day in every run.
pub(crate) fn quiet(folder: &Path) -> Desk {
    let started = Instant::now();
    let clock: Clock =
        Arc::new(move || kefu_testkit::now() + TimeDelta::from_std(started.elapsed()).unwrap_or_default());
    Desk::with(folder, Arc::new(MemoryRing::default()), clock)
}

async fn make(desk: &Desk, forms: u32) -> Outcome {
    let request = SetupRequest {
        company: "杭州晨曦电器有限公司".into(),
        member: "孙丽".into(),
        employee_number: "108".into(),
        post: "接待".into(),
        department: "客服部".into(),
        device_code: "B1".into(),
        passphrase: PASSPHRASE.into(),
    };
    desk.setup(request).await?;
    let started = Instant::now();
    kefu_app::demo(desk, forms, SEED, |done| {
        if done % 50_000 == 0 {
            println!("{done} of {forms} forms made");
        }
    })
    .await?;
    println!("made in {:.0} s", started.elapsed().as_secs_f64());
    Ok(())
}

async fn total(desk: &Desk) -> Outcome<u64> {
    let sort = SortKey::Number;
    let page = ListRequest { filter: Filter::default(), sort, descending: false, offset: 0, limit: 1 };
    Ok(desk.list(page).await?.total)
}
