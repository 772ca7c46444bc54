//! The company's rule sets and years, read from the log and laid out for use. Laying calendars out costs a millisecond,
//! so the result is kept until somebody, in this program or another, writes new ones.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use sqlx::SqliteConnection;

use kefu_domain::Record;
use kefu_domain::calendar::Years;
use kefu_domain::change::kind;
use kefu_domain::rules::{PRESETS, RuleSet, RuleSets, line, preset};

use crate::store::{Store, StoreError};

/// Preset of the house line for a company that has none of its own.
pub const FALLBACK: &str = "s2";

/// The rules of the company.
#[derive(Debug)]
pub struct Ruled {
    /// House and statutory line.
    pub sets: RuleSets,
    /// Years whose working days are known, shipped and imported.
    pub years: Years,
    /// By what of the log and of this program they were made.
    pub(crate) key: i64,
}

/// Rules that were laid out, for everybody who asks.
pub(crate) type Shared = Arc<Mutex<Option<Arc<Ruled>>>>;

/// Of what ships with the program: another version of it may time the same forms otherwise.
static SHIPPED: LazyLock<u64> = LazyLock::new(|| {
    let mut hasher = DefaultHasher::new();
    (PRESETS, Years::shipped().to_json().to_string()).hash(&mut hasher);
    hasher.finish()
});

/// What the rules would be made of now; changes whenever they would be others.
pub(crate) async fn key(connection: &mut SqliteConnection) -> Result<i64, StoreError> {
    let sql = "SELECT coalesce(max(place), 0) FROM changes WHERE record IN \
               (SELECT row FROM records WHERE kind IN ('rules', 'years') AND kind <> 'form')";
    let place: i64 = sqlx::query_scalar(sql).fetch_one(connection).await?;
    let mut hasher = DefaultHasher::new();
    (place, *SHIPPED).hash(&mut hasher);
    Ok(hasher.finish() as i64 | 1) // never 0, which stands for none
}

/// The rules as the log has them, seen through `connection`.
pub(crate) async fn ruled(connection: &mut SqliteConnection, shared: &Shared) -> Result<Arc<Ruled>, StoreError> {
    let key = key(connection).await?;
    let kept = shared.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(kept) = kept.filter(|kept| kept.key == key) {
        return Ok(kept);
    }
    let bodies = async |connection: &mut SqliteConnection, kind: &str| {
        let sql = "SELECT body FROM records WHERE kind = ? AND kind <> 'form' ORDER BY row";
        let bodies: Vec<String> = sqlx::query_scalar(sql).bind(kind).fetch_all(connection).await?;
        bodies.iter().map(|body| Ok(serde_json::from_str(body)?)).collect::<Result<Vec<Record>, StoreError>>()
    };
    let years = bodies(connection, kind::YEARS).await?;
    let sets = bodies(connection, kind::RULES).await?;
    let ruled = Arc::new(lay_out(&sets, &years, key));
    *shared.lock().unwrap_or_else(PoisonError::into_inner) = Some(ruled.clone());
    Ok(ruled)
}

/// What cannot be read (of a newer version) is left out here and stays in the log. A line without any set of its own
/// has the shipped one: a desk never runs without rules.
fn lay_out(sets: &[Record], years: &[Record], key: i64) -> Ruled {
    let imported = years.iter().flat_map(|record| record.fields.values());
    let years =
        imported.filter_map(|cell| Years::read(&cell.value.to_string()).ok()).fold(Years::shipped(), Years::with);
    let own = sets.iter().filter_map(|record| record.get("set"));
    let mut all: Vec<RuleSet> = own.filter_map(|set| serde_json::from_value(set.clone()).ok()).collect();
    for (name, fallback) in [(line::HOUSE, FALLBACK), (line::STATUTORY, line::STATUTORY)] {
        if all.iter().all(|set| (set.line == line::STATUTORY) != (name == line::STATUTORY)) {
            all.extend(preset(fallback));
        }
    }
    let sets = RuleSets::new(all.clone(), &years).unwrap_or_else(|_| {
        let usable = all.into_iter().filter(|set| kefu_domain::rules::Rules::new(set.clone(), &years).is_ok());
        RuleSets::new(usable, &years).unwrap_or_default()
    });
    Ruled { sets, years, key }
}

impl Store {
    /// The company's rules as they stand now.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn rules(&self) -> Result<Arc<Ruled>, StoreError> {
        ruled(self.near().await?.connection()?, &self.ruled).await
    }
}
