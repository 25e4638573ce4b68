//! Reading a query.

use std::cmp::Ordering;

use serde_json::Value;

use super::{
    criteria::Criterion,
    row::{FIELDS, Row, USUAL},
};

/// A query that was understood.
#[derive(Debug)]
pub(super) struct Query {
    pub criterion: Criterion,
    pub include: Vec<String>,
    /// Fields, and whether they descend.
    pub sort: Vec<(String, bool)>,
    pub offset: usize,
    pub limit: Option<usize>,
}

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    /// With what was not understood.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (found, mut rest) = step(text, "items.find")?.ok_or_else(|| text.to_owned())?;
        let criteria: Result<Vec<_>, _> = found.iter().map(Criterion::parse).collect();
        let mut query = Self {
            criterion: Criterion::All(criteria?),
            include: USUAL.map(str::to_owned).to_vec(),
            sort: Vec::new(),
            offset: 0,
            limit: None,
        };
        if let Some((fields, after)) = step(rest, ".include")? {
            query.include = fields.iter().map(field).collect::<Result<_, _>>()?;
            rest = after;
        }
        if let Some((orders, after)) = step(rest, ".sort")? {
            query.sort = query.read_sort(&orders)?;
            rest = after;
        }
        if let Some((count, after)) = step(rest, ".offset")? {
            query.offset = number(&count)?;
            rest = after;
        }
        if let Some((count, after)) = step(rest, ".limit")? {
            query.limit = Some(number(&count)?);
            rest = after;
        }
        match rest.trim() {
            "" => Ok(query),
            rest => Err(rest.to_owned()),
        }
    }

    fn read_sort(&self, orders: &[Value]) -> Result<Vec<(String, bool)>, String> {
        let [Value::Object(order)] = orders else {
            return Err(".sort".to_owned());
        };
        let mut sort = Vec::new();
        for (word, fields) in order {
            let descends = match word.as_str() {
                "$asc" => false,
                "$desc" => true,
                other => return Err(other.to_owned()),
            };
            for one in fields.as_array().ok_or_else(|| word.clone())? {
                let field = field(one)?;
                if !self.includes(&field) {
                    return Err(format!("{field}, which is not included"));
                }
                sort.push((field, descends));
            }
        }
        Ok(sort)
    }

    /// Says whether a field is in the answer.
    pub fn includes(&self, field: &str) -> bool {
        self.include.iter().any(|one| one == field)
    }

    /// Says which row comes first.
    pub fn compare(&self, one: &Row<'_>, other: &Row<'_>) -> Ordering {
        let orders = self.sort.iter().map(|(field, descends)| {
            let order = one.cell(field).cmp(&other.cell(field));
            if *descends { order.reverse() } else { order }
        });
        orders.fold(Ordering::Equal, Ordering::then)
    }
}

fn field(value: &Value) -> Result<String, String> {
    let name = value.as_str().filter(|name| FIELDS.contains(name));
    name.map(str::to_owned).ok_or_else(|| value.to_string())
}

fn number(values: &[Value]) -> Result<usize, String> {
    let number = match values {
        [one] => one.as_u64().and_then(|number| usize::try_from(number).ok()),
        _ => None,
    };
    number.ok_or_else(|| format!("{values:?}"))
}

/// Reads one step of the chain: its arguments, and what follows; nothing if it is another step.
fn step<'t>(text: &'t str, name: &str) -> Result<Option<(Vec<Value>, &'t str)>, String> {
    let after = text.trim_start().strip_prefix(name);
    let Some(mut rest) = after.and_then(|rest| rest.trim_start().strip_prefix('(')) else {
        return Ok(None);
    };
    let mut arguments = Vec::new();
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix(')') {
            return Ok(Some((arguments, after)));
        }
        // A number has no end of its own, for those who read values from a stream.
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits > 0 {
            let number: u64 = rest[..digits].parse().map_err(|_| rest.to_owned())?;
            arguments.push(number.into());
            rest = rest[digits..].trim_start();
        } else {
            let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
            match values.next() {
                Some(Ok(value)) => arguments.push(value),
                _ => return Err(rest.to_owned()),
            }
            rest = rest[values.byte_offset()..].trim_start();
        }
        if !rest.starts_with(')') {
            rest = rest.strip_prefix(',').ok_or_else(|| rest.to_owned())?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_has_an_order_and_nothing_else_in_it() {
        let usual = r#"items.find({"repo":"r","$or":[{"created":{"$gte":"2026-11-20T00:00:00.000Z"}},
            {"modified":{"$gte":"2026-11-20T00:00:00.000Z","$lt":"2026-11-21T00:00:00.000Z"}}]})
            .include("repo","path","name").sort({"$asc":["path","name"]}).offset(10).limit(5)"#;
        let query = Query::parse(usual).expect("understood");
        assert_eq!((query.offset, query.limit), (10, Some(5)));
        assert_eq!(query.sort.len(), 2);
        for refused in [
            "builds.find({})",
            r#"items.find({"repo":"r"}).limit(1).offset(1)"#,
            r#"items.find({"repo":"r"}).include("repo","property")"#,
            r#"items.find({"repo":{"$like":"r"}})"#,
            r#"items.find({"colour":"r"})"#,
            r#"items.find({"repo":"r"}).include("repo").sort({"$asc":["path"]})"#,
            r#"items.find({"repo":"r")"#,
            r#"items.find({"repo":"r"}).distinct(true)"#,
            r#"items.find({"created":{"$last":"2d"}})"#,
        ] {
            assert!(Query::parse(refused).is_err(), "{refused}");
        }
    }
}
