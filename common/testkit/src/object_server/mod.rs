//! An S3-compatible store on loopback that keeps a ledger and does as it is told.
//!
//! The store is s3s-fs: it checks signatures (those of presigned addresses too), refuses a
//! second `If-None-Match: *`, and knows multipart uploads. In front of it stands a script of
//! faults. It lives in the caller's tokio runtime; its objects are files of a temporary
//! folder, so a test can look at them and spoil them.
//!
//! What it lacks: it makes a missing bucket at the first write, and it looks whether an
//! object is there before it reads the body, so two conditional writes that overlap both
//! succeed. [`ObjectFault::Conflict`] stands for what S3 says of such a pair.

mod fault;
mod serve;

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use s3s_fs::FileSystem;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use weir_domain::{AwsSettings, Bucket, BucketUrl};

pub use fault::ObjectFault;

/// The only bucket.
pub const BUCKET: &str = "packages";
/// Who may use it.
pub const ACCESS_KEY_ID: &str = "WEIRTESTSACCESSKEY";
/// With which secret; its text may appear nowhere.
pub const SECRET_ACCESS_KEY: &str = "open-sesame-of-the-object-server-tests";

/// One request, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The range asked for, or the empty text.
    pub range: String,
    /// Whether it was to create only.
    pub creates: bool,
}

/// A running store; dropping it cuts every connection.
#[derive(Debug)]
pub struct ObjectServer {
    shared: Arc<Shared>,
    address: SocketAddr,
    root: tempfile::TempDir,
    closing: CancellationToken,
    tasks: TaskTracker,
}

#[derive(Debug, Default)]
struct Shared {
    asked: Mutex<Vec<Asked>>,
    script: Mutex<Vec<Planned>>,
    busy: Mutex<Busy>,
    root: PathBuf,
}

/// A fault for requests whose method is this and whose target contains that.
#[derive(Debug)]
struct Planned {
    method: &'static str,
    part: String,
    fault: ObjectFault,
    /// How often; `None` for always.
    left: Option<usize>,
}

/// Requests under way, and the most there ever were.
#[derive(Debug, Default)]
struct Busy {
    now: usize,
    most: usize,
}

impl ObjectServer {
    /// Starts an empty store on a free port of loopback.
    pub async fn start() -> Self {
        // As every process of ours does at its start; clients want it even for http.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await;
        Self::start_on(listener.expect("loopback has a free port"))
    }

    fn start_on(listener: TcpListener) -> Self {
        let root = tempfile::tempdir().expect("the temporary folder takes another one");
        fs::create_dir(root.path().join(BUCKET)).expect("a fresh folder takes another");
        let files = FileSystem::new(root.path()).expect("a folder can be served");
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(ACCESS_KEY_ID, SECRET_ACCESS_KEY));
        let shared = Arc::new(Shared {
            root: root.path().join(BUCKET),
            ..Shared::default()
        });
        let (closing, tasks) = (CancellationToken::new(), TaskTracker::new());
        let address = listener.local_addr().expect("it is bound");
        tasks.spawn(serve::serve(
            listener,
            service.build(),
            Arc::clone(&shared),
            closing.clone(),
        ));
        Self {
            shared,
            address,
            root,
            closing,
            tasks,
        }
    }

    /// Returns where it listens.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns what `WEIR_BLOB_URL` takes, for objects below `prefix`.
    pub fn url(&self, prefix: &str) -> String {
        let endpoint = self.endpoint();
        format!("s3://{BUCKET}/{prefix}?endpoint={endpoint}&region=test-1&path_style=true")
    }

    /// Returns the settings of the bucket, read through this folder.
    pub fn bucket(&self, prefix: &str, cache: &Path, cache_bytes: u64) -> Bucket {
        let keys = [
            ("aws_access_key_id", ACCESS_KEY_ID),
            ("aws_secret_access_key", SECRET_ACCESS_KEY),
        ];
        let keys = keys.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Bucket {
            url: BucketUrl::parse(&self.url(prefix)).expect("a URL of our own is valid"),
            aws: AwsSettings(keys.to_vec()),
            ca_file: None,
            cache: cache.to_owned(),
            cache_bytes,
        }
    }

    /// Lets the next request of this method, whose target contains `part`, meet a fault.
    pub fn once(&self, method: &'static str, part: &str, fault: ObjectFault) {
        self.plan(method, part, fault, Some(1));
    }

    /// Lets the next `count` such requests meet a fault.
    pub fn times(&self, count: usize, method: &'static str, part: &str, fault: ObjectFault) {
        self.plan(method, part, fault, Some(count));
    }

    /// Lets every such request meet a fault, until [`Self::heal`].
    pub fn always(&self, method: &'static str, part: &str, fault: ObjectFault) {
        self.plan(method, part, fault, None);
    }

    fn plan(&self, method: &'static str, part: &str, fault: ObjectFault, left: Option<usize>) {
        let part = part.to_owned();
        lock(&self.shared.script).push(Planned {
            method,
            part,
            fault,
            left,
        });
    }

    /// Forgets all faults.
    pub fn heal(&self) {
        lock(&self.shared.script).clear();
    }

    /// Returns what was asked so far, by this method and with `part` in its target.
    pub fn asked(&self, method: &str, part: &str) -> Vec<Asked> {
        let asked = lock(&self.shared.asked);
        let of = |asked: &&Asked| asked.method == method && asked.target.contains(part);
        asked.iter().filter(of).cloned().collect()
    }

    /// Returns the most requests that were ever under way at once.
    pub fn most_at_once(&self) -> usize {
        lock(&self.shared.busy).most
    }

    /// Returns the file of an object.
    pub fn file(&self, key: &str) -> PathBuf {
        self.root.path().join(BUCKET).join(key)
    }

    /// Returns the keys of all objects, sorted.
    pub fn keys(&self) -> Vec<String> {
        let bucket = self.root.path().join(BUCKET);
        let mut keys = Vec::new();
        let mut folders = vec![bucket.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a folder lists its files") {
                let path = entry.expect("a folder lists its files").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let key = path.strip_prefix(&bucket).expect("it lies in the bucket");
                    keys.push(key.to_string_lossy().into_owned());
                }
            }
        }
        keys.sort();
        keys
    }

    /// Returns how many parts lie there of uploads that are neither completed nor aborted.
    pub fn unfinished(&self) -> usize {
        let files = fs::read_dir(self.root.path()).expect("a folder lists its files");
        let names = files.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        names.filter(|name| name.starts_with(".upload_id-")).count()
    }
}

impl Shared {
    /// Notes a request and returns the fault it meets.
    fn enter(&self, asked: Asked) -> Option<ObjectFault> {
        let mut script = lock(&self.script);
        let at = script.iter().position(|planned| {
            planned.left != Some(0)
                && planned.method == asked.method
                && asked.target.contains(&planned.part)
        });
        let fault = at.map(|at| {
            let planned = &mut script[at];
            planned.left = planned.left.map(|left| left - 1);
            planned.fault.clone()
        });
        lock(&self.asked).push(asked);
        fault
    }
}

impl Drop for ObjectServer {
    fn drop(&mut self) {
        self.closing.cancel();
        self.tasks.close();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
