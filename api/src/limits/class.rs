//! Which requests are limited, and as what: one table, for requests and for the document.
//!
//! Whatever changes something is limited unless it stands here, so a new operation is. What
//! package managers read is not, even where they read with POST.

use http::Method;

/// As what a request counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Class {
    /// Changes something.
    Writes,
    /// Makes a task.
    Tasks,
    /// Searches.
    Search,
    /// Reads or follows a log.
    Logs,
    /// Tries a password; of what is asked, only [`crate::passwords`] knows when.
    Logins,
    /// Tries a wrong one, of one account from one address.
    LoginFailures,
    /// Tries a wrong one, of one account from anywhere.
    AccountLogins,
    /// Tries one of whatever account, from anywhere.
    AllLogins,
}

impl Class {
    /// Every class.
    pub(crate) const ALL: [Self; 8] = [
        Self::Writes,
        Self::Tasks,
        Self::Search,
        Self::Logs,
        Self::Logins,
        Self::LoginFailures,
        Self::AccountLogins,
        Self::AllLogins,
    ];

    /// Returns as what a request for a normalised path counts, or a template; nothing for what
    /// is not limited.
    pub(crate) fn of(method: &Method, path: &str) -> Option<Self> {
        let path = path.strip_prefix('/').unwrap_or(path);
        let mut parts = [""; 7];
        for (place, part) in parts.iter_mut().zip(path.splitn(7, '/')) {
            *place = part;
        }
        let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        match (method.as_str(), parts) {
            ("GET" | "HEAD", ["-", "v1", "search", "", ..]) => Some(Self::Search),
            (
                "GET" | "HEAD",
                ["syncs", _, "log", "", ..]
                | ["-", "package", _, "syncs", _, "log", ""]
                | ["api", "v1", "sync", _, "log", "", ..]
                | [_, "sync", "log", _, "", ..],
            )
            | ("POST", ["syncs", _, "ticket", "", ..]) => Some(Self::Logs),
            ("PUT", ["-", "package", _, "syncs", "", ..] | [_, "sync", "", ..])
            | (
                "POST",
                ["api", "v1", "sync", "", ..]
                | ["-", "registry", _, "events", "", ..]
                | ["syncs", "retry", "", ..]
                | ["syncs", _, "retry", "", ..],
            ) => Some(Self::Tasks),
            // What `npm audit` asks; what tries a password, which is limited where it is tried.
            ("POST", ["-", "npm", "v1", "security", ..])
            | ("PUT", ["-", "user", _, "", ..] | ["-", "user", _, "-rev", _, "", ..]) => None,
            _ if reads => None,
            _ => Some(Self::Writes),
        }
    }

    /// Returns the word of figures.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Writes => "writes",
            Self::Tasks => "tasks",
            Self::Search => "search",
            Self::Logs => "logs",
            Self::Logins => "logins",
            Self::LoginFailures => "login_failures",
            Self::AccountLogins => "account_logins",
            Self::AllLogins => "all_logins",
        }
    }

    /// Says that it was too much.
    pub(crate) fn sentence(self) -> &'static str {
        match self {
            Self::Writes => "Too many requests that change something; come back later",
            Self::Tasks => "Too many tasks asked for; come back later",
            Self::Search => "Too many searches; come back later",
            Self::Logs => "Too many reads of logs; come back later",
            Self::LoginFailures => "Too many wrong passwords; come back later",
            Self::Logins | Self::AccountLogins | Self::AllLogins => {
                "Too many logins; come back later"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes;

    /// What changes something and makes no task.
    const WRITES: [&str; 44] = [
        "add_team_member",
        "bind_package",
        "block_package",
        "block_version",
        "cancel_catalogue_sync",
        "cancel_package_sync",
        "cancel_task",
        "change_access",
        "collect_blobs",
        "create_device_login",
        "create_drills",
        "create_npm_token",
        "create_org",
        "create_registry",
        "create_scope",
        "create_team",
        "create_token",
        "create_user",
        "create_web_login",
        "fetch_device_login",
        "log_out",
        "pause_queue",
        "release_package",
        "remove_org",
        "remove_org_member",
        "remove_registry",
        "remove_scope",
        "remove_team",
        "remove_team_member",
        "reset_package_categories",
        "resume_queue",
        "revoke_npm_token",
        "revoke_token",
        "set_category_table",
        "set_org_member",
        "set_package_categories",
        "unblock_package",
        "unblock_version",
        "unlink_github",
        "update_profile",
        "update_registry",
        "update_task",
        "update_user",
        "verify_blobs",
    ];

    #[test]
    fn every_operation_is_of_its_class() {
        let listed = |class: Option<Class>| {
            let operations = routes::operations().into_iter();
            let of_class = operations.filter(|(method, template, _)| {
                Class::of(&method.parse().expect("a method"), template) == class
            });
            let mut ids: Vec<_> = of_class.map(|(_, _, id)| id).collect();
            ids.sort_unstable();
            ids
        };
        assert_eq!(
            listed(Some(Class::Tasks)),
            [
                "create_catalogue_sync",
                "create_legacy_sync",
                "create_package_sync",
                "retry_failed_tasks",
                "retry_task",
                "take_catalogue_event",
            ]
        );
        assert_eq!(listed(Some(Class::Search)), ["search_packages"]);
        assert_eq!(
            listed(Some(Class::Logs)),
            [
                "create_log_ticket",
                "show_catalogue_sync_log",
                "show_legacy_sync_log",
                "show_package_sync_log",
                "show_task_log",
            ]
        );
        assert_eq!(listed(Some(Class::Writes)), WRITES);
        let free = listed(None);
        for id in [
            "download_tarball",
            // Only what searches is limited, by its handler.
            "list_catalogue_packages",
            "log_in",
            "ping",
            "revise_user",
            "show_health",
            "show_metrics",
            "show_packument",
            "show_readiness",
            "show_task",
        ] {
            assert!(free.contains(&id), "{id}: {free:?}");
        }
    }

    #[test]
    fn paths_that_only_look_so_are_package_reads() {
        for path in [
            "/syncs",
            "/syncs/log",
            "/syncs/a/log/b",
            "/sync/log",
            "/-/v1/search/x",
            "/-/package/a/syncs/1/log/more",
            "/-/package/a/dist-tags",
        ] {
            assert_eq!(Class::of(&Method::GET, path), None, "{path}");
        }
        assert_eq!(Class::of(&Method::HEAD, "/syncs/1/log"), Some(Class::Logs));
        let audit = "/-/npm/v1/security/advisories/bulk";
        assert_eq!(Class::of(&Method::POST, audit), None);
        assert_eq!(Class::of(&Method::PUT, "/a"), Some(Class::Writes));
        assert_eq!(Class::of(&Method::OPTIONS, "/a"), None);
    }
}
