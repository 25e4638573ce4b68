//! Stands between the router and every documented operation: there the template and the name in
//! the path are known for certain, and nothing is done yet.

use std::collections::HashMap;

use http::Method;
use poem::{Endpoint, EndpointExt, Request, Response, endpoint::BoxEndpoint};
use poem_openapi::{
    OperationId,
    registry::{MetaApi, MetaOperation},
};

use super::{Caller, restrictions::Verdict, subject::Kind};
use crate::{error::ApiError, visit::NotPrepared};

/// Operations by path and method, as the framework keeps them.
type Table = HashMap<String, HashMap<Method, BoxEndpoint<'static>>>;

/// An operation that looks at the caller's credentials first.
struct Gate {
    kind: Kind,
    /// The parameter that names what it is about.
    name: Option<String>,
    operation: Option<OperationId>,
    inner: BoxEndpoint<'static>,
}

/// Puts a gate in front of every operation.
///
/// # Panics
/// If nobody said of an operation what it is to credentials.
pub(crate) fn guard(resources: &[MetaApi], table: &mut Table) {
    for path in resources.iter().flat_map(|api| &api.paths) {
        let routed = table.get_mut(&as_routed(&path.path));
        let routed = routed.expect("the framework routes every path that it documents");
        for operation in &path.operations {
            let inner = routed.remove(&operation.method);
            let inner = inner.expect("the framework routes every operation that it documents");
            let gate = Gate::new(&path.path, operation, inner);
            routed.insert(operation.method.clone(), gate.boxed());
        }
    }
}

impl Gate {
    fn new(template: &str, operation: &MetaOperation, inner: BoxEndpoint<'static>) -> Self {
        let kind = Kind::of(&operation.method, template);
        let kind = kind.unwrap_or_else(|| panic!("{template} is of no kind: see SUBJECTS"));
        Self {
            kind,
            name: kind.name_in(template).map(parameter),
            operation: operation.operation_id.map(OperationId),
            inner,
        }
    }

    fn judge(&self, request: &Request) -> Result<Verdict, NotPrepared> {
        let caller = request.data::<Caller>().ok_or(NotPrepared)?;
        let name = self.name.as_deref();
        let name = name.and_then(|name| request.raw_path_param(name));
        let verdict = caller
            .user()
            .map(|user| user.restrictions.judge(self.kind, name));
        Ok(verdict.unwrap_or(Verdict::Allowed))
    }
}

impl Endpoint for Gate {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        match self.judge(&request)? {
            Verdict::Allowed => {}
            Verdict::AsNobody => {
                request.set_data(Caller::nobody());
            }
            Verdict::Refused(sentence) => {
                let mut refused = poem::Error::from(ApiError::forbidden(sentence));
                if let Some(operation) = self.operation {
                    refused.set_data(operation);
                }
                return Err(refused);
            }
        }
        self.inner.call(request).await
    }
}

/// Returns a template as the framework keys its table: parameters by their number.
fn as_routed(template: &str) -> String {
    let mut count = 0;
    let parts = template.split('/').map(|part| {
        if !part.starts_with('{') {
            return part.to_owned();
        }
        let name = parameter(count);
        count += 1;
        format!(":{name}")
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Returns the framework's own name of a parameter.
fn parameter(place: usize) -> String {
    format!("param{place}")
}
