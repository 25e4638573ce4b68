//! How often packages were downloaded, by their upstreams' account (`syncDownloadData`).
//!
//! Downloads from this mirror are not counted.

mod model;
mod period;
mod show;

use poem_openapi::{OpenApi, param::Path};

use self::model::{Point, Range};
use crate::{
    auth::Caller,
    error::ApiResult,
    names::{Fullname, PeriodParam},
    packages::For,
    payload::Wire,
    tags::Tag,
    visit::Visit,
};

/// `/downloads/…`.
#[derive(Debug)]
pub(crate) struct DownloadsApi;

#[OpenApi(tag = "Tag::Downloads")]
impl DownloadsApi {
    /// Returns how often a package was downloaded in a period
    ///
    /// `last-day` (yesterday), `last-week`, `last-month`, `last-year`, a day (`2026-01-31`), or two
    /// days with a colon between them, at most 549 days.
    #[oai(
        path = "/downloads/point/:period/:fullname",
        method = "get",
        operation_id = "show_downloads"
    )]
    async fn point(
        &self,
        visit: Visit,
        _caller: Caller,
        period: Path<PeriodParam>,
        fullname: Path<Fullname>,
    ) -> ApiResult<For<Wire<Point>>> {
        let asked = (&period.0, fullname.to_read()?);
        let (audience, range) = show::range(&visit, asked).await?;
        Ok(For(audience, Wire(Point::of(range))))
    }

    /// Returns how often a package was downloaded on each day of a period
    ///
    /// Days of which nothing is known are 0.
    #[oai(
        path = "/downloads/range/:period/:fullname",
        method = "get",
        operation_id = "list_downloads"
    )]
    async fn range(
        &self,
        visit: Visit,
        _caller: Caller,
        period: Path<PeriodParam>,
        fullname: Path<Fullname>,
    ) -> ApiResult<For<Wire<Range>>> {
        let asked = (&period.0, fullname.to_read()?);
        let (audience, range) = show::range(&visit, asked).await?;
        Ok(For(audience, Wire(range)))
    }
}
