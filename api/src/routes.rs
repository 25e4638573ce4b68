//! The one table of routes: the documented resources, then the document itself.

use bytes::Bytes;
use poem::{
    EndpointExt, Response, Route, endpoint::BoxEndpoint, endpoint::make_sync, get, http::StatusCode,
};
use poem_openapi::{OpenApi, OpenApiService};

use crate::{
    package_syncs::PackageSyncsApi, packages::PackagesApi, system::SystemApi, tasks::TasksApi,
    visit::Found,
};

const TITLE: &str = "weir";
const ABOUT: &str = "A package-registry mirror whose synchronisation you can watch. \
    Package names may be written `@scope/name`, `@scope%2fname` or with an encoded `@`.";

/// The documented resources, in the order of the document.
fn service() -> OpenApiService<impl OpenApi + 'static, ()> {
    let resources = (PackagesApi, PackageSyncsApi, TasksApi, SystemApi);
    OpenApiService::new(resources, TITLE, env!("CARGO_PKG_VERSION"))
        .description(ABOUT)
        .server("/")
}

/// Returns the document, as pretty JSON.
pub(crate) fn document() -> String {
    let mut text = service().spec();
    text.push('\n');
    text
}

/// Returns everything that can be asked for.
pub(crate) fn routes() -> BoxEndpoint<'static, Response> {
    let service = service();
    let document = Bytes::from(document());
    let page = std::sync::LazyLock::new(|| Bytes::from(crate::routes::service().swagger_ui_html()));
    Route::new()
        .at(
            "/-/openapi.json",
            get(make_sync(move |_| {
                static_file("application/json", &document)
            })),
        )
        .at(
            "/-/docs",
            get(make_sync(move |_| {
                static_file("text/html; charset=utf-8", &page)
            })),
        )
        .at(
            "/-/docs/",
            get(make_sync(|request| redirect(&request, "/-/docs"))),
        )
        .nest_no_strip("/", service)
        .boxed()
}

fn static_file(content_type: &'static str, body: &Bytes) -> Response {
    Response::builder()
        .content_type(content_type)
        .header("cache-control", "public, max-age=300")
        .body(body.clone())
}

fn redirect(request: &poem::Request, path: &str) -> Response {
    let found = request.data::<Found>();
    let prefix = found.map_or("", |found| found.running.bases.get(found.base).prefix());
    Response::builder()
        .status(StatusCode::FOUND)
        .header("location", format!("{prefix}{path}"))
        .finish()
}
