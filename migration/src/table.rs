//! Short words for columns, so that a step reads like the table it makes.

use sea_orm_migration::prelude::*;

/// A table by name, made only if it is not there.
pub(crate) fn table(name: &'static str) -> TableCreateStatement {
    Table::create().table(name).if_not_exists().take()
}

/// A UUID, binary.
pub(crate) fn uuid(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().not_null().take()
}

/// A text of any length.
pub(crate) fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().take()
}

/// A big integer: counts, sizes, milliseconds.
pub(crate) fn int(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}

/// A boolean that starts as false.
pub(crate) fn flag(name: &'static str) -> ColumnDef {
    ColumnDef::new(name)
        .boolean()
        .not_null()
        .default(false)
        .take()
}

/// Raw bytes.
pub(crate) fn bytes(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).blob().not_null().take()
}

/// The same column, allowed to be absent.
pub(crate) fn optional(mut column: ColumnDef) -> ColumnDef {
    // A later specification wins over the earlier `NOT NULL`.
    column.null().take()
}

/// The same column, starting at zero.
pub(crate) fn from_zero(mut column: ColumnDef) -> ColumnDef {
    column.default(0).take()
}

/// Runs each statement, in order.
pub(crate) async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    for statement in statements {
        manager
            .get_connection()
            .execute_unprepared(statement)
            .await?;
    }
    Ok(())
}
