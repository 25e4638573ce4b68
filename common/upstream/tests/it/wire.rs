//! A server that writes exactly the bytes it is told to: the only way to be this wrong.
//!
//! One thread a connection, blocking; every connection serves one request and closes,
//! unless the script says otherwise.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// One step of an answer.
pub enum Act {
    /// Writes these bytes.
    Send(Vec<u8>),
    /// Calls for pieces until there is none, writing each.
    Stream(Box<dyn FnMut() -> Option<Vec<u8>> + Send>),
    /// Says nothing more until the client goes away.
    Hang,
    /// Writes this byte again and again, with a pause of so many milliseconds.
    Drip(u8, u64),
}

/// A request as seen on the wire.
#[derive(Debug, Clone)]
pub struct Seen {
    /// `GET /path HTTP/1.1`.
    pub line: String,
    /// Header lines, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, by `content-length`.
    pub body: Vec<u8>,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    pub fn path(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or_default()
    }
}

type Script = dyn Fn(&Seen) -> Vec<Act> + Send + Sync;

/// The running server; its threads end with the test process.
pub struct Wire {
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Wire {
    pub fn start(script: impl Fn(&Seen) -> Vec<Act> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound");
        let seen = Arc::<Mutex<Vec<Seen>>>::default();
        let (script, log): (Arc<Script>, _) = (Arc::new(script), Arc::clone(&seen));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (script, log) = (Arc::clone(&script), Arc::clone(&log));
                thread::spawn(move || {
                    // The client may go away at any moment; that is often the point.
                    let _ = serve(stream, &*script, &log);
                });
            }
        });
        Self { address, seen }
    }

    /// A server that always answers the same bytes.
    pub fn saying(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::start(move |_| vec![Act::Send(bytes.clone())])
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no panic in a server").clone()
    }

    pub fn url(&self, host: &str) -> String {
        format!("http://{host}:{}/", self.address.port())
    }
}

fn serve(mut stream: TcpStream, script: &Script, log: &Mutex<Vec<Seen>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(':') else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut seen = Seen {
        line: line.trim_end().to_owned(),
        headers,
        body: Vec::new(),
    };
    let length = seen
        .header("content-length")
        .map_or(0, |n| n.parse().unwrap_or(0));
    seen.body.resize(length, 0);
    reader.read_exact(&mut seen.body)?;
    log.lock().expect("no panic in a server").push(seen.clone());
    for act in script(&seen) {
        match act {
            Act::Send(bytes) => stream.write_all(&bytes)?,
            Act::Stream(mut next) => {
                while let Some(piece) = next() {
                    stream.write_all(&piece)?;
                }
            }
            Act::Hang => {
                // A client sends nothing more: this returns when it goes away.
                let _ = reader.read(&mut [0])?;
            }
            Act::Drip(byte, pause_ms) => loop {
                stream.write_all(&[byte])?;
                thread::park_timeout(std::time::Duration::from_millis(pause_ms));
            },
        }
    }
    stream.shutdown(Shutdown::Write)?;
    // Reading to the end lets the client see a clean close instead of a reset.
    let _ = reader.read_to_end(&mut Vec::new());
    Ok(())
}

/// Writes a whole answer with `content-length`.
pub fn reply(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut all = head(status, headers, Some(body.len()));
    all.extend_from_slice(body);
    all
}

/// Writes an answer's head.
pub fn head(status: &str, headers: &[(&str, &str)], length: Option<usize>) -> Vec<u8> {
    let mut lines = vec![format!("HTTP/1.1 {status}"), "connection: close".to_owned()];
    lines.extend(
        headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}")),
    );
    lines.extend(length.map(|length| format!("content-length: {length}")));
    format!("{}\r\n\r\n", lines.join("\r\n")).into_bytes()
}
