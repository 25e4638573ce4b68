//! Which categories a package belongs to: a recipe names none, so its topics say it.
//!
//! A [`Table`] leads from topics to categories; an operator's word about one package stands
//! above it. Categories are written in upper case, whatever case they are asked for in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Facts;

/// What a package without any category belongs to.
pub const UNCATEGORIZED: &str = "UNCATEGORIZED";

/// The key under which the table in force is kept among the settings.
pub const SETTING: &str = "catalogue_categories";

/// Longest topic, and longest category.
pub const MAX_WORD_CHARS: usize = 60;

/// Most topics of a table.
pub const MAX_TOPICS: usize = 2_000;

/// Most categories of one package.
pub const MAX_CATEGORIES: usize = 16;

/// Categories that say least: a package's primary one is another, if it has another.
const GENERIC: [&str; 3] = ["DRIVER", "SYSTEM", "UTILITY"];

/// The categories with the topics that lead to them, unless an operator has said otherwise.
const DEFAULT: &[(&str, &str)] = &[
    (
        "AI_ML",
        "ai ai-ml ml tinyml tflm tflite tensorflow onnx neural-network machine-learning",
    ),
    (
        "AUDIO",
        "audio codec microphone mp3 opus sound speaker tts voice",
    ),
    ("CAMERA", "camera image-sensor dvp"),
    (
        "CONNECTIVITY",
        "connectivity ble bluetooth can gnss gps lora modem nfc usb wifi zigbee",
    ),
    ("DISPLAY", "display e-paper epaper lcd led oled screen"),
    ("DRIVER", "driver drivers bsp hal peripheral peripherals"),
    (
        "FILESYSTEM",
        "filesystem fatfs file-system littlefs romfs vfs",
    ),
    ("GRAPHICS", "graphics font gui lvgl ui"),
    (
        "NETWORK",
        "network coap http iot lwip mqtt tcp tls websocket",
    ),
    (
        "SECURITY",
        "security aes crypto cryptography encryption mbedtls secure-boot",
    ),
    (
        "SENSOR",
        "sensor sensors accelerometer gyroscope humidity imu temperature",
    ),
    (
        "STORAGE",
        "storage database eeprom flash nand nor sd sdcard",
    ),
    ("SYSTEM", "system kernel ota os power rtos scheduler shell"),
    ("TOUCH", "touch touchpad touchscreen"),
    (
        "UTILITY",
        "utility utilities algorithm json library logging math parser test tool tools utils",
    ),
];

/// Topics, in lower case, each with the category that it leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Table(BTreeMap<String, String>);

/// Why a table is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTable {
    /// It is too large.
    #[error("must hold at most {MAX_TOPICS} topics")]
    TooLarge,
    /// This is no topic.
    #[error("{0:?} is no topic: it must have from 1 to {MAX_WORD_CHARS} characters")]
    Topic(String),
    /// This is no category.
    #[error("{0:?} is no category: it must be letters, digits and `_`, at most {MAX_WORD_CHARS}")]
    Category(String),
}

impl Default for Table {
    fn default() -> Self {
        let each = DEFAULT.iter().flat_map(|(category, topics)| {
            let topics = topics.split(' ');
            topics.map(|topic| (topic.to_owned(), (*category).to_owned()))
        });
        Self(each.collect())
    }
}

impl Table {
    /// Makes a table of topics with their categories, in whatever case.
    ///
    /// # Errors
    /// If a word is none, or there are too many.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, InvalidTable> {
        let mut table = BTreeMap::new();
        for (topic, category) in pairs {
            let lower = topic.trim().to_lowercase();
            if lower.is_empty() || lower.chars().count() > MAX_WORD_CHARS {
                return Err(InvalidTable::Topic(topic));
            }
            let upper = category_of(&category).ok_or(InvalidTable::Category(category))?;
            table.insert(lower, upper);
            if table.len() > MAX_TOPICS {
                return Err(InvalidTable::TooLarge);
            }
        }
        Ok(Self(table))
    }

    /// Returns the topics with their categories, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.0.iter();
        pairs.map(|(topic, category)| (topic.as_str(), category.as_str()))
    }

    fn of_topic(&self, topic: &str) -> Option<&str> {
        let known = self
            .0
            .get(topic)
            .or_else(|| self.0.get(&topic.to_lowercase()));
        known.map(String::as_str)
    }
}

/// Reads a category: upper case, `_` for what separates its words.
pub fn category_of(text: &str) -> Option<String> {
    let upper = text
        .trim()
        .to_ascii_uppercase()
        .replace([' ', '-', '/'], "_");
    let is_one = !upper.is_empty()
        && upper.len() <= MAX_WORD_CHARS
        && upper
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_one.then_some(upper)
}

/// Returns the categories of a package, the primary one first; never none.
///
/// What an operator said of it stands; else its topics say it in their order, what says least
/// last.
pub fn categories_of(facts: &Facts, table: &Table, said: Option<&[String]>) -> Vec<String> {
    let mut categories = Vec::new();
    let mut add = |category: &str| {
        let is_known = categories.iter().any(|known| known == category);
        if !is_known && categories.len() < MAX_CATEGORIES {
            categories.push(category.to_owned());
        }
    };
    if let Some(said) = said {
        said.iter()
            .filter_map(|text| category_of(text))
            .for_each(|one| add(&one));
    } else {
        let topics = facts.topics.iter();
        topics
            .filter_map(|topic| table.of_topic(topic))
            .for_each(&mut add);
        categories.sort_by_key(|category| GENERIC.contains(&category.as_str()));
    }
    if categories.is_empty() {
        categories.push(UNCATEGORIZED.to_owned());
    }
    categories
}

/// Returns a category as people read it: `Sensor`, `AI ML`.
pub fn title_of(category: &str) -> String {
    let word = |word: &str| {
        let mut chars = word.chars();
        match chars.next() {
            Some(first) if word.len() > 2 => {
                let rest = chars.as_str().to_ascii_lowercase();
                format!("{}{rest}", first.to_ascii_uppercase())
            }
            _ => word.to_owned(),
        }
    };
    let words: Vec<_> = category.split('_').map(word).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(topics: &[&str], said: Option<&[&str]>) -> Vec<String> {
        let owned = |words: &[&str]| -> Vec<String> {
            words.iter().map(|word| (*word).to_owned()).collect()
        };
        let facts = Facts {
            topics: owned(topics),
            ..Facts::default()
        };
        let said = said.map(owned);
        categories_of(&facts, &Table::default(), said.as_deref())
    }

    #[test]
    fn topics_lead_to_categories_and_nothing_to_none() {
        let table: [(&[&str], &[&str]); 7] = [
            (&[], &[UNCATEGORIZED]),
            (&["nothing-known"], &[UNCATEGORIZED]),
            (&["sensor", "i2c"], &["SENSOR"]),
            (&["driver", "sensor"], &["SENSOR", "DRIVER"]),
            (&["driver"], &["DRIVER"]),
            (&["TinyML", "ai"], &["AI_ML"]),
            (&["camera", "driver", "ai"], &["CAMERA", "AI_ML", "DRIVER"]),
        ];
        for (topics, wanted) in table {
            assert_eq!(of(topics, None), wanted, "{topics:?}");
        }
    }

    #[test]
    fn what_is_said_of_a_package_stands() {
        let said = ["driver", "ai-ml", "Driver"];
        assert_eq!(of(&["sensor"], Some(&said)), ["DRIVER", "AI_ML"]);
        assert_eq!(of(&["sensor"], Some(&[])), [UNCATEGORIZED]);
        assert_eq!(of(&["sensor"], Some(&["!?"])), [UNCATEGORIZED]);
    }

    #[test]
    fn the_default_is_a_table_that_names_each_topic_once() {
        let table = Table::default();
        let pairs = table.iter().map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(Table::new(pairs).as_ref(), Ok(&table));
        let topics: usize = DEFAULT
            .iter()
            .map(|(_, topics)| topics.split(' ').count())
            .sum();
        assert_eq!(table.iter().count(), topics);
        for (category, _) in DEFAULT {
            assert_eq!(category_of(category).as_deref(), Some(*category));
        }
    }

    #[test]
    fn tables_are_read_in_any_case_and_refused_with_a_reason() {
        let new = |pairs: &[(&str, &str)]| {
            let pairs = pairs
                .iter()
                .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
            Table::new(pairs.collect::<Vec<_>>())
        };
        let table = new(&[(" Motor ", "robot-arms")]).expect("a table");
        let json = serde_json::to_string(&table).expect("JSON");
        assert_eq!(json, r#"{"motor":"ROBOT_ARMS"}"#);
        assert_eq!(serde_json::from_str::<Table>(&json).expect("JSON"), table);
        assert!(matches!(new(&[("", "A")]), Err(InvalidTable::Topic(_))));
        assert!(matches!(new(&[("a", "Ä")]), Err(InvalidTable::Category(_))));
        let many = (0..=MAX_TOPICS).map(|n| (n.to_string(), "A".to_owned()));
        assert_eq!(Table::new(many), Err(InvalidTable::TooLarge));
    }

    #[test]
    fn titles_are_for_people() {
        let table = [
            ("SENSOR", "Sensor"),
            ("AI_ML", "AI ML"),
            ("HOME_OFFICE", "Home Office"),
        ];
        for (category, title) in table {
            assert_eq!(title_of(category), title);
        }
    }
}
