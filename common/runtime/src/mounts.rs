//! Which file system a path lies on, as far as it matters to us.
//!
//! Source: proc(5), `/proc/pid/mountinfo`.

use std::path::Path;

/// File systems shared between machines, without locks one could rely upon.
const NETWORK: &[&str] = &[
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "afs",
    "ncpfs",
    "fuse.sshfs",
    "fuse.glusterfs",
];

/// Returns the type of the file system that holds `path`, if it is a network's.
///
/// `table` is the text of `mountinfo`; of several mounts on one point the last counts.
pub(crate) fn network_kind<'t>(table: &'t str, path: &Path) -> Option<&'t str> {
    let holds = |(point, _): &(String, &str)| path.starts_with(point);
    let (_, kind) = table
        .lines()
        .filter_map(mount)
        .filter(holds)
        .max_by_key(|(point, _)| point.len())?;
    NETWORK.contains(&kind).then_some(kind)
}

/// Returns mount point and type of one line.
fn mount(line: &str) -> Option<(String, &str)> {
    let (before, after) = line.split_once(" - ")?;
    let point = before.split(' ').nth(4)?;
    let point = point.replace("\\040", " ").replace("\\134", "\\");
    Some((point, after.split(' ').next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:40 / /srv/shared rw - nfs4 server:/export rw
41 40 0:41 / /srv/shared/my\\040disk rw - ext4 /dev/sdb1 rw
42 22 0:42 / /over rw - ext4 /dev/sdc1 rw
43 42 0:43 / /over rw - cifs //server/share rw
";

    #[test]
    fn the_innermost_and_latest_mount_decides() {
        for (path, kind) in [
            ("/srv/data/weir.sqlite", None),
            ("/srv/shared/weir.sqlite", Some("nfs4")),
            ("/srv/sharedness/weir.sqlite", None),
            ("/srv/shared/my disk/weir.sqlite", None),
            ("/over/weir.sqlite", Some("cifs")),
        ] {
            assert_eq!(network_kind(TABLE, Path::new(path)), kind, "{path}");
        }
    }
}
