//! A browser without scripts: it keeps cookies, follows redirects, and sends forms as they
//! stand in their pages.
//!
//! It reads our pages, not any: attributes stand in double quotes, forms are not nested.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use http::Method;
use url::Url;

use crate::client::{Call, Reply};

/// Most redirects followed.
const MAX_REDIRECTS: usize = 10;

/// A browser with its cookies.
#[derive(Debug)]
pub struct Browser {
    /// By host and name: value and path.
    cookies: Mutex<BTreeMap<(String, String), (String, String)>>,
    user_agent: String,
}

/// A page, where it was found.
#[derive(Debug, Clone)]
pub struct Page {
    /// Its address, after redirects.
    pub url: Url,
    /// What was answered there.
    pub reply: Reply,
}

impl Default for Browser {
    fn default() -> Self {
        Self::named("Browser/1.0 (a test)")
    }
}

impl Browser {
    /// Returns one that calls itself so.
    pub fn named(user_agent: &str) -> Self {
        Self {
            cookies: Mutex::default(),
            user_agent: user_agent.to_owned(),
        }
    }

    /// Opens an address and goes where it leads.
    pub async fn open(&self, url: &str) -> Page {
        self.follow(self.get(url).await).await
    }

    /// Opens an address and stays there.
    pub async fn get(&self, url: &str) -> Page {
        let url: Url = url.parse().expect("an address");
        self.send(Method::GET, &url, None).await
    }

    /// Sends the page's form with this action, filled in so, and goes where it leads.
    pub async fn submit(&self, page: &Page, action: &str, fields: &[(&str, &str)]) -> Page {
        self.follow(self.press(page, action, fields).await).await
    }

    /// Sends the page's form with this action, filled in so, and stays there.
    pub async fn press(&self, page: &Page, action: &str, fields: &[(&str, &str)]) -> Page {
        let mut sent = page.form(action);
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        sent.extend(fields.iter().map(owned));
        let target = page.url.join(action).expect("an address");
        self.post(&target, &sent).await
    }

    /// Sends a form that no page showed.
    pub async fn post(&self, url: &Url, fields: &[(String, String)]) -> Page {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        let form = form.extend_pairs(fields).finish();
        self.send(Method::POST, url, Some(form)).await
    }

    /// Returns the value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = cookies.iter().filter(|((_, other), _)| other == name);
        found.next().map(|(_, (value, _))| value.clone())
    }

    /// Puts a cookie there, as somebody who can would.
    pub fn plant(&self, host: &str, name: &str, value: &str) {
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (host.to_owned(), name.to_owned());
        cookies.insert(key, (value.to_owned(), "/".to_owned()));
    }

    async fn follow(&self, mut page: Page) -> Page {
        for _ in 0..MAX_REDIRECTS {
            if !matches!(page.reply.status, 301..=303 | 307 | 308) {
                return page;
            }
            let target = page.reply.header("location");
            let target = page.url.join(target).expect("a redirect leads somewhere");
            page = self.send(Method::GET, &target, None).await;
        }
        panic!("too many redirects, the last to {}", page.url);
    }

    async fn send(&self, method: Method, url: &Url, form: Option<String>) -> Page {
        let mut call = Call::new(method, url.as_str()).header("user-agent", &self.user_agent);
        let cookies = self.cookies_for(url);
        if !cookies.is_empty() {
            call = call.header("cookie", &cookies);
        }
        if let Some(form) = form {
            let kind = "application/x-www-form-urlencoded";
            call = call.header("content-type", kind).body(form);
        }
        let reply = call.send().await.expect("the server answers");
        for line in reply.headers.get_all("set-cookie") {
            self.keep(url, line.to_str().expect("a cookie is text"));
        }
        Page {
            url: url.clone(),
            reply,
        }
    }

    fn cookies_for(&self, url: &Url) -> String {
        let host = url.host_str().unwrap_or_default();
        let cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = cookies
            .iter()
            .filter(|((of, _), (_, path))| of == host && url.path().starts_with(path.as_str()));
        let sent: Vec<_> = sent
            .map(|((_, name), (value, _))| format!("{name}={value}"))
            .collect();
        sent.join("; ")
    }

    fn keep(&self, url: &Url, line: &str) {
        let mut parts = line.split("; ");
        let pair = parts.next().and_then(|pair| pair.split_once('='));
        let (name, value) = pair.expect("a cookie has a name");
        let attributes: Vec<_> = parts.collect();
        let path = attributes
            .iter()
            .find_map(|one| one.strip_prefix("Path="))
            .unwrap_or("/");
        let key = (
            url.host_str().unwrap_or_default().to_owned(),
            name.to_owned(),
        );
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        if attributes.contains(&"Max-Age=0") {
            cookies.remove(&key);
        } else {
            cookies.insert(key, (value.to_owned(), path.to_owned()));
        }
    }
}

impl Page {
    /// Returns the page as text.
    pub fn text(&self) -> &str {
        self.reply.text()
    }

    /// Returns the hidden fields of the form with this action.
    pub fn form(&self, action: &str) -> Vec<(String, String)> {
        let mut forms = self.text().split("<form ").skip(1);
        let form = forms.find(|form| attribute(form, "action").as_deref() == Some(action));
        let form = form.unwrap_or_else(|| panic!("no form goes to {action}: {}", self.text()));
        let form = form.split("</form>").next().unwrap_or_default();
        let inputs = form.split("<input ").skip(1);
        let hidden = inputs.filter(|input| attribute(input, "type").as_deref() == Some("hidden"));
        hidden
            .map(|input| {
                let name = attribute(input, "name").expect("a field has a name");
                (name, attribute(input, "value").unwrap_or_default())
            })
            .collect()
    }

    /// Says whether some form goes there.
    pub fn has_form(&self, action: &str) -> bool {
        self.text().contains(&format!("action=\"{action}\""))
    }

    /// Returns what stands between the first `<tag>` and its end.
    pub fn inside(&self, tag: &str) -> String {
        let (begin, end) = (format!("<{tag}>"), format!("</{tag}>"));
        let rest = self.text().split(&begin).nth(1);
        let rest = rest.unwrap_or_else(|| panic!("no <{tag}>: {}", self.text()));
        unescaped(rest.split(&end).next().unwrap_or_default())
    }
}

/// Returns an attribute of the tag that `text` begins in.
fn attribute(text: &str, name: &str) -> Option<String> {
    let tag = text.split('>').next()?;
    let mark = format!("{name}=\"");
    let value = tag.split(&mark).nth(1)?;
    Some(unescaped(value.split('"').next()?))
}

fn unescaped(text: &str) -> String {
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#96;", "`"),
        ("&amp;", "&"),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}
