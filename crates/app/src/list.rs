//! The list of forms, filtered, sorted, a page at a time.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeDelta};

use kefu_local::{FormFilter, FormSort};

use crate::desk::Desk;
use crate::privacy::Eyes;
use crate::wire::{Failure, Filter, FormRow, ListPage, ListRequest, Receivers, SortKey};

/// Rows of a page at most.
pub(crate) const PAGE: u32 = 100;

impl Desk {
    /// A page of the list and how many forms there are in all.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn list(&self, request: ListRequest) -> Result<ListPage, Failure> {
        let open = self.open()?;
        let sort = match request.sort {
            SortKey::ReceivedAt => FormSort::Received,
            SortKey::Number => FormSort::Number,
            SortKey::Customer => FormSort::Customer,
        };
        let filter = filter(request.filter, self.now());
        let (offset, limit) = (request.offset, request.limit.min(PAGE));
        let page = async { Ok(open.store.list(&filter, sort, request.descending, offset, limit).await?) };
        // Who looks is read meanwhile, through another connection.
        let (page, eyes) = tokio::try_join!(page, Eyes::of(&open))?;
        Ok(ListPage { rows: eyes.rows(&open, page.rows).await?, total: page.total })
    }

    /// Receivers that occur, for the filter.
    ///
    /// # Errors
    /// The desk is locked.
    pub async fn receivers(&self) -> Result<Receivers, Failure> {
        Ok(Receivers { names: self.open()?.store.receivers().await? })
    }
}

/// Days become seconds in the desk's zone; a day that cannot be read does not narrow the list.
fn filter(asked: Filter, now: DateTime<FixedOffset>) -> FormFilter {
    let start = |day: Option<String>, later: i64| {
        let day: NaiveDate = day?.parse().ok()?;
        let day = day.checked_add_signed(TimeDelta::days(later))?;
        Some(day.and_time(NaiveTime::MIN).and_local_timezone(now.timezone()).single()?.timestamp())
    };
    FormFilter {
        from: start(asked.from, 0),
        before: start(asked.to, 1),
        kinds: asked.kinds,
        categories: asked.categories,
        customer_types: asked.customer_types,
        states: asked.states,
        channels: asked.channels,
        receivers: asked.receivers,
    }
}

/// A row of the store as the wire has it.
pub(crate) fn row(row: kefu_local::FormRow) -> FormRow {
    FormRow {
        id: row.id,
        number: row.number,
        received_at: row.received_at,
        customer: row.customer,
        phone: row.phone,
        kind: row.kind,
        category: row.category,
        state: row.state,
        channel: row.channel,
        receiver: row.receiver,
        product: row.product,
        excerpt: row.excerpt,
        unsent: false, // see `Eyes::rows`
    }
}
