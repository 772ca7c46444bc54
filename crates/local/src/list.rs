//! Pages of the list of forms, filtered and sorted, with their counts.

use std::sync::{Arc, Mutex, PoisonError};

use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use crate::forms::{FROM_FORMS, FormRow, GATHER, beginning, gathered};
use crate::store::{Store, StoreError};

/// So many entries of an index may be walked past for a page.
const FAR: u64 = 10_000;

/// Which forms a list shows. Empty members do not narrow it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormFilter {
    /// Received at this second or later.
    pub from: Option<i64>,
    /// Received before this second.
    pub before: Option<i64>,
    /// 类别一级.
    pub kinds: Vec<String>,
    /// 类别二级.
    pub categories: Vec<String>,
    /// 客户类型.
    pub customer_types: Vec<String>,
    /// States.
    pub states: Vec<String>,
    /// Channels.
    pub channels: Vec<String>,
    /// Receivers.
    pub receivers: Vec<String>,
}

impl FormFilter {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn push(&self, query: &mut QueryBuilder<Sqlite>) {
        let mut and = [" WHERE "].into_iter().chain(std::iter::repeat(" AND "));
        let mut and = || and.next().unwrap_or_default();
        if let Some(from) = self.from {
            query.push(and()).push("received >= ").push_bind(from);
        }
        if let Some(before) = self.before {
            query.push(and()).push("received < ").push_bind(before);
        }
        let among = [
            ("kind", &self.kinds),
            ("category", &self.categories),
            ("customer_type", &self.customer_types),
            ("state", &self.states),
            ("channel", &self.channels),
            ("receiver", &self.receivers),
        ];
        for (column, values) in among.into_iter().filter(|(_, values)| !values.is_empty()) {
            query.push(and()).push(format!("{column} IN ("));
            let mut list = query.separated(", ");
            for value in values {
                list.push_bind(value.clone());
            }
            query.push(")");
        }
    }
}

/// By what a list is ordered; ties by registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormSort {
    /// 来电时间.
    Received,
    /// Number.
    Number,
    /// Customer by pinyin.
    Customer,
}

impl FormSort {
    /// Its column and the index that has it first.
    fn index(self) -> (&'static str, &'static str) {
        match self {
            FormSort::Received => ("received", "forms_by_received"),
            FormSort::Number => ("number", "forms_by_number"),
            FormSort::Customer => ("customer_key", "forms_by_customer"),
        }
    }
}

/// A page of the list.
#[derive(Debug, Clone)]
pub struct FormPage {
    /// Rows of the page.
    pub rows: Vec<FormRow>,
    /// Rows in all.
    pub total: u64,
}

/// All forms of the filter that was last paged through, in their order. An index is walked past all that a filter leaves
/// out, and to a place far down that takes long; who is there goes on to the places beside it.
pub(crate) struct Walked {
    filter: FormFilter,
    sort: FormSort,
    /// Place of the log that the index stood at, and steps of exchanges by then, which may put it right without one.
    as_of: (i64, u64),
    /// Ascending.
    rows: Vec<i64>,
}

/// The last one, for everybody who pages.
pub(crate) type LastWalked = Arc<Mutex<Option<Arc<Walked>>>>;

impl Walked {
    fn page(&self, descending: bool, offset: u64, limit: u32) -> Vec<i64> {
        let skip = usize::try_from(offset).unwrap_or(usize::MAX);
        let rows = self.rows.iter().copied();
        match descending {
            true => rows.rev().skip(skip).take(limit as usize).collect(),
            false => rows.skip(skip).take(limit as usize).collect(),
        }
    }
}

impl Store {
    /// A page of forms and how many there are in all.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn list(
        &self,
        filter: &FormFilter,
        sort: FormSort,
        descending: bool,
        offset: u64,
        limit: u32,
    ) -> Result<FormPage, StoreError> {
        self.page(filter, (sort, descending), (offset, limit), FAR).await
    }

    /// Walks past `far` entries at most before it remembers them all.
    async fn page(
        &self,
        filter: &FormFilter,
        (sort, descending): (FormSort, bool),
        (offset, limit): (u64, u32),
        far: u64,
    ) -> Result<FormPage, StoreError> {
        let mut connection = self.indexed().await.acquire().await?;
        // The counts by sort know nothing of time: within a period the forms themselves are counted.
        let timed = filter.from.or(filter.before).is_some();
        let counted = if timed { "count(*)" } else { "coalesce(sum(forms), 0)" };
        let among = if timed { "forms" } else { "form_counts" };
        let mut count = QueryBuilder::new(format!(
            "SELECT {counted}, (SELECT coalesce(sum(forms), 0) FROM form_counts), (SELECT place FROM indexed) FROM {among}"
        ));
        filter.push(&mut count);
        let (total, all, place): (i64, i64, i64) = count.build_query_as().fetch_one(&mut *connection).await?;
        let (total, all) = (total as u64, all as u64);

        let mut page = QueryBuilder::new(GATHER);
        let passed = offset.saturating_add(limit.into()).saturating_mul(all) / total.max(1);
        if !filter.is_empty() && passed.min(all) > far {
            let as_of = (place, self.progress.exchanged());
            let rows = self.walked(&mut connection, filter, sort, as_of).await?.page(descending, offset, limit);
            page.push("SELECT value AS at, key AS nth FROM json_each(").push_bind(serde_json::to_string(&rows)?);
        } else {
            // The inner query walks the index of its order, and only that: the planner would rather sort all forms of a
            // kind. Only the rows of the page are looked up.
            let (column, index) = sort.index();
            page.push("SELECT row AS at, row_number() OVER () AS nth FROM (SELECT row FROM forms INDEXED BY ")
                .push(index);
            filter.push(&mut page);
            let way = if descending { "DESC" } else { "ASC" };
            // A limit that is bound would have the statement compiled anew each time.
            page.push(format!(" ORDER BY {column} {way}, row {way} LIMIT {limit} OFFSET "));
            page.push_bind(offset.min(i64::MAX as u64) as i64);
        }
        page.push(")").push(FROM_FORMS);
        let piece: String = page.build_query_scalar().fetch_one(&mut *connection).await?;
        let cut = |mut row: FormRow| {
            row.excerpt = beginning(&row.excerpt);
            row
        };
        let rows = gathered(&piece)?.map(cut).collect();
        Ok(FormPage { rows, total })
    }

    async fn walked(
        &self,
        connection: &mut SqliteConnection,
        filter: &FormFilter,
        sort: FormSort,
        as_of: (i64, u64),
    ) -> Result<Arc<Walked>, StoreError> {
        let last = self.walked.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let same = |walked: &Arc<Walked>| (&walked.filter, walked.sort, walked.as_of) == (filter, sort, as_of);
        if let Some(walked) = last.filter(same) {
            return Ok(walked);
        }
        let (column, index) = sort.index();
        let mut walk =
            QueryBuilder::<Sqlite>::new("SELECT json_group_array(row) FROM (SELECT row FROM forms INDEXED BY ");
        walk.push(index);
        filter.push(&mut walk);
        walk.push(format!(" ORDER BY {column}, row)"));
        let piece: String = walk.build_query_scalar().fetch_one(connection).await?;
        let rows = serde_json::from_str(&piece)?;
        let walked = Arc::new(Walked { filter: filter.clone(), sort, as_of, rows });
        *self.walked.lock().unwrap_or_else(PoisonError::into_inner) = Some(walked.clone());
        Ok(walked)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use kefu_domain::change::{act, kind};
    use kefu_domain::decide::Draft;
    use kefu_vault::DatabaseKey;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::DeviceInfo;

    async fn register(store: &Store, nth: usize) {
        let values = [
            ("number".to_string(), json!(format!("KF-20261112-T1-{nth:04}"))),
            ("customer.name".into(), json!(["单雄信", "陈秀英", "阿依古丽"][nth % 3])),
            ("kind".into(), json!(["complaint", "consult"][nth % 2])),
            ("received_at".into(), json!(format!("2026-11-{:02}T09:00:00+08:00", 1 + nth * 7 % 20))),
        ];
        let mut door = store.door(DateTime::<Utc>::UNIX_EPOCH.fixed_offset()).await.unwrap();
        let draft = Draft::new(Uuid::now_v7(), kind::FORM, act::REGISTER).setting(values.into());
        door.write(draft, Uuid::nil()).await.unwrap();
        door.commit().await.unwrap();
    }

    /// Guards that a place far down shows the same forms as the walk to it, also after the list became another.
    #[tokio::test]
    async fn pages_far_down_are_those_of_the_walk() {
        let folder = tempfile::tempdir().unwrap();
        let device = DeviceInfo { id: Uuid::now_v7(), code: "T1".into() };
        let store = Store::create(folder.path(), &DatabaseKey::random().unwrap(), device).await.unwrap();
        for nth in 0..40 {
            register(&store, nth).await;
        }
        let day = 86_400;
        let from = DateTime::parse_from_rfc3339("2026-11-03T00:00:00+08:00").unwrap().timestamp();
        let filters = [
            FormFilter { kinds: vec!["complaint".into()], ..FormFilter::default() },
            FormFilter { from: Some(from), before: Some(from + 9 * day), ..FormFilter::default() },
        ];
        for round in 0..2 {
            for filter in &filters {
                for sort in [FormSort::Received, FormSort::Number, FormSort::Customer] {
                    for (descending, offset) in [(true, 0), (false, 6), (true, 6), (true, 19), (false, 90)] {
                        let numbers = async |far| {
                            let page = store.page(filter, (sort, descending), (offset, 5), far).await.unwrap();
                            (page.total, page.rows.into_iter().map(|row| row.number).collect::<Vec<_>>())
                        };
                        assert_eq!(numbers(0).await, numbers(u64::MAX).await, "{round} {sort:?} {descending} {offset}");
                    }
                }
            }
            register(&store, 4).await; // in the middle of all of them
        }
        assert!(store.walked.lock().unwrap().is_some(), "it was remembered");
        store.close().await;
    }
}
