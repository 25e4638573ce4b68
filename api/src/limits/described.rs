//! The document's word on limits: 429 stands at every operation that has one.

use std::collections::HashMap;

use http::Method;
use poem::endpoint::BoxEndpoint;
use poem_openapi::{
    OpenApi,
    payload::Payload as _,
    registry::{
        MetaApi, MetaHeader, MetaMediaType, MetaResponse, MetaSchema, MetaSchemaRef, Registry,
    },
    types::Type as _,
};

use super::Class;
use crate::{error::Problem, payload::Wire};

/// Resources whose limits are in the document.
#[derive(Debug)]
pub(crate) struct Described<T>(pub(crate) T);

impl<T: OpenApi> OpenApi for Described<T> {
    fn meta() -> Vec<MetaApi> {
        let mut all = T::meta();
        for path in all.iter_mut().flat_map(|api| &mut api.paths) {
            for operation in &mut path.operations {
                let place = path.path.as_str();
                if Class::of(&operation.method, place).is_some() {
                    operation.responses.responses.push(refusal());
                }
            }
        }
        all
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn add_routes(self, table: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {
        self.0.add_routes(table);
    }
}

fn refusal() -> MetaResponse {
    let seconds = MetaSchema {
        minimum: Some(1.0),
        ..MetaSchema::new_with_format("integer", "uint64")
    };
    MetaResponse {
        description: "Too many of these of one caller; administrators have no limit",
        status: Some(429),
        status_range: None,
        content: vec![MetaMediaType {
            content_type: Wire::<Problem>::CONTENT_TYPE,
            schema: Problem::schema_ref(),
        }],
        headers: vec![MetaHeader {
            name: "retry-after".to_owned(),
            description: Some("Seconds after which it works again".to_owned()),
            required: true,
            deprecated: false,
            schema: MetaSchemaRef::Inline(Box::new(seconds)),
        }],
    }
}
