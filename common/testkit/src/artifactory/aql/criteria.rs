//! What a query wants of an item.

use std::cmp::Ordering;

use serde_json::Value;
use weir_domain::Timestamp;

use super::row::{Cell, FIELDS, Row};

/// Something that holds of an item or does not.
#[derive(Debug)]
pub(super) enum Criterion {
    All(Vec<Self>),
    Any(Vec<Self>),
    /// A field, an operator, a value.
    Field(String, Operator, String),
}

/// How a field is compared.
#[derive(Debug, Clone, Copy)]
pub(super) enum Operator {
    Is,
    IsNot,
    Match,
    Above,
    AtLeast,
    Below,
    AtMost,
}

impl Criterion {
    /// Reads an object of criteria, all of which must hold.
    ///
    /// # Errors
    /// With what was not understood.
    pub fn parse(value: &Value) -> Result<Self, String> {
        let Value::Object(fields) = value else {
            return Err(value.to_string());
        };
        let mut all = Vec::new();
        for (name, value) in fields {
            all.push(match name.as_str() {
                "$or" => Self::Any(Self::parse_list(value)?),
                "$and" => Self::All(Self::parse_list(value)?),
                field if FIELDS.contains(&field) => Self::parse_field(field, value)?,
                other => return Err(other.to_owned()),
            });
        }
        Ok(Self::All(all))
    }

    fn parse_list(value: &Value) -> Result<Vec<Self>, String> {
        let list = value.as_array().ok_or_else(|| value.to_string())?;
        list.iter().map(Self::parse).collect()
    }

    fn parse_field(field: &str, value: &Value) -> Result<Self, String> {
        let of = |operator, value: &Value| match value {
            Value::String(text) => Ok(Self::Field(field.to_owned(), operator, text.clone())),
            other => Err(format!("{other}: values are strings")),
        };
        let Value::Object(operators) = value else {
            return of(Operator::Is, value);
        };
        let mut all = Vec::new();
        for (word, value) in operators {
            let operator = match word.as_str() {
                "$eq" => Operator::Is,
                "$ne" => Operator::IsNot,
                "$match" => Operator::Match,
                "$gt" => Operator::Above,
                "$gte" => Operator::AtLeast,
                "$lt" => Operator::Below,
                "$lte" => Operator::AtMost,
                other => return Err(other.to_owned()),
            };
            all.push(of(operator, value)?);
        }
        Ok(Self::All(all))
    }

    /// Says whether it holds.
    pub fn holds(&self, row: &Row<'_>) -> bool {
        match self {
            Self::All(all) => all.iter().all(|one| one.holds(row)),
            Self::Any(any) => any.iter().any(|one| one.holds(row)),
            Self::Field(field, operator, value) => compare(&row.cell(field), *operator, value),
        }
    }
}

fn compare(cell: &Cell, operator: Operator, value: &str) -> bool {
    if let (Cell::Text(text), Operator::Match) = (cell, operator) {
        return super::super::script::fits(value, text);
    }
    let other = match cell {
        Cell::Text(_) => Some(Cell::Text(value.to_owned())),
        Cell::Number(_) => value.parse().ok().map(Cell::Number),
        Cell::Time(_) => Timestamp::parse(value).map(Cell::Time),
    };
    let Some(order) = other.map(|other| cell.cmp(&other)) else {
        return false;
    };
    match operator {
        Operator::Is => order == Ordering::Equal,
        Operator::IsNot => order != Ordering::Equal,
        Operator::Above => order == Ordering::Greater,
        Operator::AtLeast => order != Ordering::Less,
        Operator::Below => order == Ordering::Less,
        Operator::AtMost => order != Ordering::Greater,
        // Only text has patterns.
        Operator::Match => false,
    }
}
