//! What came in from upstreams, as figures.

use async_trait::async_trait;
use weir_runtime::metrics::{Kind, Page, Source};

use crate::Content;

#[async_trait]
impl Source for Content {
    async fn measure(&self, page: &mut Page) {
        let about = "Statements sent to the database.";
        page.family("weir_database_statements_total", Kind::Counter, about)
            .sample(&[], self.db.statements());
        let hosts = self.upstreams.traffic();
        let mut requests = page.family(
            "weir_upstream_requests_total",
            Kind::Counter,
            "Requests to upstream hosts, by how they ended.",
        );
        for host in &hosts {
            for (outcome, count) in &host.requests {
                requests.sample(&[("host", &host.host), ("outcome", outcome)], count);
            }
        }
        let mut bytes = page.family(
            "weir_upstream_received_bytes_total",
            Kind::Counter,
            "Bytes received from upstream hosts.",
        );
        for host in &hosts {
            bytes.sample(&[("host", &host.host)], host.received_bytes);
        }
        let mut closed = page.family(
            "weir_upstream_closed",
            Kind::Gauge,
            "1 while a host is left alone: it asked for that, or its breaker is open.",
        );
        for host in &hosts {
            closed.sample(&[("host", &host.host)], u8::from(host.is_closed));
        }
    }
}
