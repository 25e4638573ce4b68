# The commands of daily work, by name. Each is a line you could type yourself.

# Lists the commands.
default:
    @just --list

# Formats everything.
fmt:
    cargo fmt

# What continuous integration refuses.
lint:
    cargo fmt --check
    cargo clippy --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings -A rustdoc::private-intra-doc-links" cargo doc --workspace --no-deps --document-private-items

# Unit and crate tests.
test *arguments:
    cargo test --workspace {{arguments}}

# Runs the server on this machine: `just serve --upstream URL`.
serve *arguments:
    cargo run -- serve {{arguments}}

# Writes docs/configuration.md from the table of settings.
config-docs:
    cargo run --quiet -- config --markdown > docs/configuration.md.new
    mv docs/configuration.md.new docs/configuration.md

# Writes openapi/weir.v1.json from the routes, and the clients from it.
openapi:
    openapi/clients/generate

# Says whether the generated files are what the code would generate.
fresh:
    cargo run --quiet --package weir-openapi -- --check
    cargo test --workspace the_committed_page_is_fresh

# Licences, sources, and who may depend on what (needs cargo-deny).
deny:
    cargo deny check

# Everything that must hold before a push.
ci: lint test fresh
