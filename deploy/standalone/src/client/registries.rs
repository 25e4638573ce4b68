//! Registries and scopes, as the commands list, make, change and remove them.

use serde_json::{Map, Value};
use weir_client::types;

use super::{
    Server,
    answers::{Accepted, Done, Odd, needed},
};
use crate::failure::Failure;

/// Most items on one page.
const MAX_PAGE: u64 = 100;

/// A registry, as the server shows it.
#[derive(Debug)]
pub struct Registry(pub types::Registry);

/// A scope.
#[derive(Debug)]
pub struct Scope(pub types::Scope);

/// A registry that was made or changed.
#[derive(Debug)]
pub struct MadeRegistry {
    /// What it is called in addresses.
    pub slug: String,
}

/// Some of a list, and how many there are in all.
struct Part<T> {
    data: Vec<T>,
    total: u64,
}

impl Server {
    /// Returns all registries by their slugs.
    pub async fn registries(&self) -> Result<Vec<Registry>, Failure> {
        whole(async |page| {
            let part = self.client.list_registries(Some(page), Some(MAX_PAGE));
            self.done(part).await
        })
        .await
    }

    /// Returns the registry that a word means.
    pub async fn registry(&self, word: &str) -> Result<Registry, Failure> {
        self.done(self.client.show_registry(word)).await
    }

    /// Makes a registry of which this is said.
    pub async fn add_registry(&self, said: Map<String, Value>) -> Result<MadeRegistry, Failure> {
        let new: types::NewRegistry = body(said)?;
        self.done(self.client.create_registry(&new)).await
    }

    /// Changes what is said of a registry.
    pub async fn set_registry(
        &self,
        word: &str,
        said: Map<String, Value>,
    ) -> Result<MadeRegistry, Failure> {
        let change: types::RegistryChange = body(said)?;
        self.done(self.client.update_registry(word, &change)).await
    }

    /// Removes a registry.
    pub async fn remove_registry(&self, word: &str, is_forced: bool) -> Result<Done, Failure> {
        let force = is_forced.then_some(true);
        self.done(self.client.remove_registry(word, force)).await
    }

    /// Has the catalogue follow its sources.
    pub async fn sync_catalogue(
        &self,
        wanted: &types::NewCatalogueSync,
    ) -> Result<Accepted, Failure> {
        self.done(self.client.create_catalogue_sync(None, None, wanted))
            .await
    }

    /// Returns all scopes by their names.
    pub async fn scopes(&self) -> Result<Vec<Scope>, Failure> {
        whole(async |page| {
            let part = self.client.list_scopes(Some(page), Some(MAX_PAGE));
            self.done(part).await
        })
        .await
    }

    /// Makes a scope.
    pub async fn set_scope(&self, new: &types::NewScope) -> Result<Scope, Failure> {
        self.done(self.client.create_scope(new)).await
    }

    /// Forgets a scope.
    pub async fn remove_scope(&self, name: &str) -> Result<Done, Failure> {
        self.done(self.client.remove_scope(name)).await
    }
}

/// Asks for page after page.
async fn whole<T>(ask: impl AsyncFn(u64) -> Result<Part<T>, Failure>) -> Result<Vec<T>, Failure> {
    let mut all = Vec::new();
    for page in 0.. {
        let part = ask(page).await?;
        let is_last = part.data.is_empty();
        all.extend(part.data);
        if is_last || all.len() as u64 >= part.total {
            break;
        }
    }
    Ok(all)
}

fn body<T: serde::de::DeserializeOwned>(said: Map<String, Value>) -> Result<T, Failure> {
    serde_json::from_value(said.into()).map_err(Failure::system)
}

impl TryFrom<types::Registry> for Registry {
    type Error = Odd;

    fn try_from(answer: types::Registry) -> Result<Self, Odd> {
        Ok(Self(answer))
    }
}

impl TryFrom<types::Scope> for Scope {
    type Error = Odd;

    fn try_from(answer: types::Scope) -> Result<Self, Odd> {
        Ok(Self(answer))
    }
}

impl TryFrom<types::MadeRegistry> for MadeRegistry {
    type Error = Odd;

    fn try_from(answer: types::MadeRegistry) -> Result<Self, Odd> {
        let slug = answer.registry_id.ok_or(Odd("registryId"))?;
        Ok(Self { slug })
    }
}

impl TryFrom<types::RegistryPage> for Part<Registry> {
    type Error = Odd;

    fn try_from(answer: types::RegistryPage) -> Result<Self, Odd> {
        Ok(Self {
            data: answer.data.into_iter().map(Registry).collect(),
            total: answer.total.ok_or(Odd("total"))?,
        })
    }
}

impl TryFrom<types::ScopePage> for Part<Scope> {
    type Error = Odd;

    fn try_from(answer: types::ScopePage) -> Result<Self, Odd> {
        Ok(Self {
            data: answer.data.into_iter().map(Scope).collect(),
            total: answer.total.ok_or(Odd("total"))?,
        })
    }
}

impl TryFrom<types::CatalogueSyncBody> for Accepted {
    type Error = Odd;

    fn try_from(answer: types::CatalogueSyncBody) -> Result<Self, Odd> {
        let data = answer.data.ok_or(Odd("data"))?;
        Ok(Self {
            id: needed("id", data.id)?,
            state: needed("status", data.status)?,
        })
    }
}
