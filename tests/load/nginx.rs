//! The yardstick: nginx with files on disk, set up as for speed (`DECISIONS` 25).

use std::{fs, path::Path, process::Stdio, time::Duration};

use anyhow::Context;
use tokio::process::{Child, Command};
use weir_testkit::{client, until};

/// A running nginx; ends with its value.
#[derive(Debug)]
pub struct Nginx {
    url: String,
    child: Child,
}

impl Drop for Nginx {
    /// Asks the master to end, or its workers would outlive it.
    fn drop(&mut self) {
        if let Some(pid) = self.child.id() {
            let kill = format!("kill {pid}");
            // Nothing to be done if there is no shell: the end of a measurement.
            let _ = std::process::Command::new("sh")
                .args(["-c", &kill])
                .status();
        }
    }
}

impl Nginx {
    /// Serves the files of `root` on a free port.
    ///
    /// # Errors
    /// If it cannot be configured or started.
    pub async fn start(folder: &Path, root: &Path) -> anyhow::Result<Self> {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
        let port = listener.local_addr()?.port();
        drop(listener);
        let file = folder.join("nginx.conf");
        fs::write(&file, configuration(folder, root, port))?;
        let child = Command::new("nginx")
            .arg("-p")
            .arg(folder)
            .arg("-c")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .context("nginx is needed: tests/load/run installs it")?;
        let url = format!("http://127.0.0.1:{port}");
        until("nginx to answer", Duration::from_secs(20), async || {
            client::get(format!("{url}/")).send().await.map(|_| ())
        })
        .await;
        Ok(Self { url, child })
    }

    /// Returns where it answers, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }
}

fn configuration(folder: &Path, root: &Path, port: u16) -> String {
    let (folder, root) = (folder.display(), root.display());
    // Its workers give up root's rights; they must be able to read what root just wrote.
    format!(
        "daemon off;\nmaster_process on;\nworker_processes 2;\nuser root;\npid {folder}/nginx.pid;\n\
         error_log {folder}/nginx.error warn;\nevents {{ worker_connections 1024; }}\n\
         http {{\n  access_log off;\n  sendfile on;\n  tcp_nopush on;\n  gzip_static on;\n  \
         gzip_vary on;\n  keepalive_requests 1000000;\n  default_type application/octet-stream;\n  \
         types {{ application/json json; }}\n  client_body_temp_path {folder}/body;\n  \
         proxy_temp_path {folder}/proxy;\n  fastcgi_temp_path {folder}/fastcgi;\n  \
         uwsgi_temp_path {folder}/uwsgi;\n  scgi_temp_path {folder}/scgi;\n  \
         server {{ listen 127.0.0.1:{port} backlog=1024; root {root}; }}\n}}\n"
    )
}
