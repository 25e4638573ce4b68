//! What may be said about signing in and about tokens.

use clap::{Args, Subcommand};
use weir_domain::TokenId;

use super::{PlaceArguments, ServerArguments};

/// What to do about tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make one and print its text, this once.
    Create(CreateTokenArguments),
    /// List them, newest first.
    List(ServerArguments),
    /// Have them refused from now on.
    Revoke(RevokeTokensArguments),
}

/// Arguments of `weir token create`.
#[derive(Debug, Args)]
pub struct CreateTokenArguments {
    /// A name to know it by.
    pub name: String,
    /// Days until it expires; it never outlives the token that makes it.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3_650))]
    pub expires: Option<u32>,
    /// It may only read.
    #[arg(long)]
    pub readonly: bool,
    /// It carries your admin rights.
    #[arg(long)]
    pub admin: bool,
    /// A one-time password, if your account has a second factor.
    #[arg(long, value_name = "CODE")]
    pub otp: Option<String>,
    /// Which server.
    #[command(flatten)]
    pub server: ServerArguments,
}

/// Arguments of `weir token revoke`.
#[derive(Debug, Args)]
pub struct RevokeTokensArguments {
    /// The tokens, as `weir token list` names them.
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<TokenId>,
    /// Which server.
    #[command(flatten)]
    pub server: ServerArguments,
}

/// Arguments of `weir login`.
#[derive(Debug, Args)]
pub struct LoginArguments {
    /// Type a code at GitHub, and confirm nothing at the server.
    #[arg(long)]
    pub github: bool,
    /// Which server.
    #[command(flatten)]
    pub place: PlaceArguments,
}

/// Arguments of `weir logout`.
#[derive(Debug, Args)]
pub struct LogoutArguments {
    /// Which server.
    #[command(flatten)]
    pub place: PlaceArguments,
}
