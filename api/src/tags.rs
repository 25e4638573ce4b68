//! One tag of the document for each resource folder.

use poem_openapi::Tags;

/// What an operation is about.
#[derive(Debug, Clone, Copy, Tags)]
#[oai(rename_all = "kebab-case")]
pub(crate) enum Tag {
    /// Packuments, manifests, tarballs and dist-tags: what package managers read.
    Packages,
    /// Asking for a package to be copied from upstream, and watching it come.
    PackageSyncs,
    /// What the upstream says of the origin of versions: signing keys, attestations.
    Signatures,
    /// How often packages were downloaded, by their upstreams' account.
    Downloads,
    /// Finding what is mirrored.
    Search,
    /// What the upstream knows about weaknesses of what is installed.
    Audits,
    /// What is not served, by whatever route: packages, and single versions of them.
    Blocks,
    /// Organisations and who belongs to them.
    Orgs,
    /// Teams of organisations: who is in them, and what is bound to them.
    Teams,
    /// Who may read and publish packages.
    Access,
    /// Packages that are looked up and described, and the categories they are in.
    Catalogue,
    /// Who did what to what, for administrators.
    Trail,
    /// The operators' view: tasks of every kind.
    Tasks,
    /// All waiting tasks of a kind, for administrators: pausing and resuming.
    Queues,
    /// Tasks that only write lines, for administrators: seeing that a deployment works.
    Drills,
    /// What is stored, for administrators: how much, whether it is right, and having it looked at.
    Storage,
    /// Bearer tokens of the caller: making, listing and revoking them.
    Tokens,
    /// Signing programs in, with the help of a browser.
    Logins,
    /// Signing in and out, and what users say of themselves.
    Accounts,
    /// Users, for administrators: making them, keeping them out.
    Users,
    /// Asking for the catalogue to be synchronised, and watching it go.
    CatalogueSyncs,
    /// Where packages and the catalogue come from.
    Registries,
    /// The service itself.
    System,
}
