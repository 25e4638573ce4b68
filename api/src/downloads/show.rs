//! Reads the counts of a period.

use std::collections::HashMap;

use weir_domain::{Day, PackageName};
use weir_store::{clock, download_counts, packages};

use super::{
    model::{DayCount, Range},
    period,
};
use crate::{
    error::{ApiError, ApiResult},
    names::{PeriodParam, no_such_package},
    packages::{Audience, admit},
    visit::Visit,
};

pub(super) async fn range(
    visit: &Visit,
    (asked, name): (&PeriodParam, &PackageName),
) -> ApiResult<(Audience, Range)> {
    let db = visit.running().reader();
    let today = Day::of(clock::now(db).await?);
    let (first, last) =
        period::parse(&asked.0, today).map_err(|why| ApiError::invalid_field("period", why))?;
    let audience = admit(visit, (name, None), || no_such_package(name)).await?;
    let place = packages::find_place(db, name).await?;
    let place = place.filter(|place| place.revision > 0);
    let place = place.ok_or_else(|| no_such_package(name))?;
    let counts = download_counts::list(db, place.id, (first, last)).await?;
    let counts: HashMap<Day, u64> = counts.into_iter().collect();
    let count = |day: Day| DayCount {
        downloads: counts.get(&day).copied().unwrap_or(0),
        day: day.to_string(),
    };
    let range = Range {
        start: first.to_string(),
        end: last.to_string(),
        package: name.to_string(),
        downloads: (first.0..=last.0).map(Day).map(count).collect(),
    };
    Ok((audience, range))
}
