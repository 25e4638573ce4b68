//! The one table of routes: the documented resources, then the document itself and the site.

use std::sync::LazyLock;

use poem::{
    EndpointExt, Response, Route, endpoint::BoxEndpoint, endpoint::make_sync, get, http::StatusCode,
};
use poem_openapi::{OpenApi, OpenApiService, registry::MetaOperation};

use crate::{
    access::AccessApi,
    audit::AuditApi,
    blocks::BlocksApi,
    catalogue::CatalogueApi,
    catalogue_events::CatalogueEventsApi,
    catalogue_syncs::CatalogueSyncsApi,
    categories::CategoriesApi,
    document::Complete,
    downloads::DownloadsApi,
    drills::DrillsApi,
    github::GithubLoginsApi,
    log_tickets::LogTicketsApi,
    logins::LoginsApi,
    metrics::MetricsApi,
    orgs::OrgsApi,
    package_syncs::PackageSyncsApi,
    packages::PackagesApi,
    profiles::ProfilesApi,
    queues::QueuesApi,
    registries::RegistriesApi,
    scopes::ScopesApi,
    search::SearchApi,
    signatures::SignaturesApi,
    site,
    storage::StorageApi,
    system::SystemApi,
    tasks::TasksApi,
    teams::TeamsApi,
    tokens::{CatalogueTokensApi, TokensApi},
    trail::TrailApi,
    users::UsersApi,
    visit::Found,
    web_logins::WebLoginsApi,
};

const TITLE: &str = "weir";
const ABOUT: &str = "A package-registry mirror whose synchronisation you can watch. \
    Package names may be written `@scope/name`, `@scope%2fname` or with an encoded `@`. \
    Every answer carries `x-request-id`: the caller's, or a new one. A refusal says why in a \
    `Problem`; whoever shows a token that does not hold is refused everywhere. Fields may be \
    added to answers at any time; what is there stays while the version does.";

/// The documented resources, in the order of the document.
type Resources = Complete<(
    (
        PackagesApi,
        PackageSyncsApi,
        SearchApi,
        AuditApi,
        SignaturesApi,
        DownloadsApi,
        BlocksApi,
    ),
    (
        LoginsApi,
        WebLoginsApi,
        GithubLoginsApi,
        ProfilesApi,
        TokensApi,
        CatalogueTokensApi,
        UsersApi,
    ),
    (OrgsApi, TeamsApi, AccessApi, TrailApi),
    (
        RegistriesApi,
        ScopesApi,
        CatalogueApi,
        CategoriesApi,
        CatalogueSyncsApi,
        CatalogueEventsApi,
    ),
    (
        TasksApi,
        LogTicketsApi,
        QueuesApi,
        DrillsApi,
        MetricsApi,
        StorageApi,
        SystemApi,
    ),
)>;

fn service() -> OpenApiService<Resources, ()> {
    let resources = Complete((
        (
            PackagesApi,
            PackageSyncsApi,
            SearchApi,
            AuditApi,
            SignaturesApi,
            DownloadsApi,
            BlocksApi,
        ),
        (
            LoginsApi,
            WebLoginsApi,
            GithubLoginsApi,
            ProfilesApi,
            TokensApi,
            CatalogueTokensApi,
            UsersApi,
        ),
        (OrgsApi, TeamsApi, AccessApi, TrailApi),
        (
            RegistriesApi,
            ScopesApi,
            CatalogueApi,
            CategoriesApi,
            CatalogueSyncsApi,
            CatalogueEventsApi,
        ),
        (
            TasksApi,
            LogTicketsApi,
            QueuesApi,
            DrillsApi,
            MetricsApi,
            StorageApi,
            SystemApi,
        ),
    ));
    OpenApiService::new(resources, TITLE, env!("CARGO_PKG_VERSION"))
        .description(ABOUT)
        .server("/")
}

/// What is routed and not documented.
const ASSETS: [&str; 3] = ["/-/openapi.json", "/-/docs", "/-/docs/"];

/// Returns the methods that the most literal template of `path` knows, for `allow`.
///
/// Below `/-/` only what is spelt so counts: `-` is no package, though its path looks like
/// one's.
pub(crate) fn allowed(path: &str) -> Option<String> {
    static TEMPLATES: LazyLock<Vec<(String, String)>> = LazyLock::new(templates);
    if ASSETS.contains(&path) {
        return Some("GET, HEAD".to_owned());
    }
    if let Some(methods) = site::methods(path) {
        return Some(methods.to_owned());
    }
    let literals = |template: &str| {
        template
            .split('/')
            .filter(|part| !is_parameter(part))
            .count()
    };
    let is_ours = path.starts_with("/-/");
    let best = TEMPLATES
        .iter()
        .filter(|(template, _)| !is_ours || template.starts_with("/-/"))
        .filter(|(template, _)| is_of(template, path))
        .max_by_key(|(template, _)| literals(template));
    best.map(|(_, methods)| methods.clone())
}

/// Returns method, template and id of every documented operation.
pub(crate) fn operations() -> Vec<(&'static str, String, &'static str)> {
    let paths = <Resources as OpenApi>::meta()
        .into_iter()
        .flat_map(|api| api.paths);
    let operations = paths.flat_map(|path| {
        let of_path = path.operations.into_iter();
        of_path.map(move |one| (one.method, path.path.clone(), one.operation_id))
    });
    operations
        .filter_map(|(method, path, id)| {
            Some((
                METHODS.iter().find(|word| method == **word).copied()?,
                path,
                id?,
            ))
        })
        .collect()
}

/// The methods that operations have.
const METHODS: [&str; 5] = ["GET", "PUT", "POST", "PATCH", "DELETE"];

fn templates() -> Vec<(String, String)> {
    let paths = <Resources as OpenApi>::meta()
        .into_iter()
        .flat_map(|api| api.paths);
    let methods = |operations: &[MetaOperation]| {
        let mut names: Vec<_> = operations
            .iter()
            .map(|one| one.method.to_string())
            .collect();
        if names.iter().any(|name| name == "GET") {
            names.push("HEAD".to_owned());
        }
        names.join(", ")
    };
    paths
        .map(|path| (path.path, methods(&path.operations)))
        .collect()
}

fn is_parameter(part: &str) -> bool {
    part.starts_with('{')
}

fn is_of(template: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    let is_like = template.split('/').all(|wanted| {
        parts
            .next()
            .is_some_and(|part| is_parameter(wanted) || wanted == part)
    });
    is_like && parts.next().is_none()
}

/// Returns the document, as pretty JSON.
pub(crate) fn document() -> String {
    let mut text = service().spec();
    text.push('\n');
    text
}

/// Returns everything that can be asked for.
pub(crate) fn routes() -> BoxEndpoint<'static, Response> {
    let documented = service();
    let document = document();
    // A megabyte and a half, made when somebody first wants it.
    let page = LazyLock::new(|| service().swagger_ui_html());
    site::pages(Route::new())
        .at(
            "/-/openapi.json",
            get(make_sync(move |request| {
                static_text(&request, "application/json", &document)
            })),
        )
        .at(
            "/-/docs",
            get(make_sync(move |request| {
                static_text(&request, "text/html; charset=utf-8", &page)
            })),
        )
        .at(
            "/-/docs/",
            get(make_sync(|request| redirect(&request, "/-/docs"))),
        )
        .nest_no_strip("/", documented)
        .boxed()
}

/// The document's server, as it is committed.
const ROOT: &str = "\"url\": \"/\"";

/// Answers with a text that contains the document; its server is the base that was asked.
fn static_text(request: &poem::Request, content_type: &'static str, text: &str) -> Response {
    let body = match prefix(request) {
        "" => text.to_owned(),
        prefix => text.replacen(ROOT, &format!("\"url\": \"{prefix}\""), 1),
    };
    Response::builder()
        .content_type(content_type)
        .header("cache-control", "public, max-age=300")
        .body(body)
}

/// Returns the path under which the caller knows us.
fn prefix(request: &poem::Request) -> &str {
    let found = request.data::<Found>();
    found.map_or("", |found| found.running.bases.get(found.base).prefix())
}

fn redirect(request: &poem::Request, path: &str) -> Response {
    Response::builder()
        .status(StatusCode::FOUND)
        .header("location", format!("{}{path}", prefix(request)))
        .finish()
}

#[cfg(test)]
mod tests {
    use super::allowed;

    #[test]
    fn the_most_literal_template_says_what_is_allowed() {
        let table = [
            ("/lodash", "GET, HEAD"),
            ("/lodash/sync", "PUT, GET, HEAD"),
            ("/lodash/1.0.0", "GET, HEAD"),
            ("/-/package/lodash/syncs", "PUT"),
            ("/syncs/some/retry", "POST"),
            ("/-/docs", "GET, HEAD"),
        ];
        for (path, methods) in table {
            assert_eq!(allowed(path).as_deref(), Some(methods), "{path}");
        }
        for path in ["/-/anything", "/-/-/n-1.0.0.tgz", "/-/docs/more"] {
            assert_eq!(allowed(path), None, "{path}");
        }
    }
}
