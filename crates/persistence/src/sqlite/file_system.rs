//! The file system a database is on. SQLite's WAL needs memory that all its processes share, and locks that hold;
//! network file systems and those shared with a virtual machine's host have been seen to lose commits within minutes.

use std::path::{Path, PathBuf};

/// Where Linux lists what is mounted: `proc_pid_mountinfo(5)`. Elsewhere there is no such file, and nothing is said.
const MOUNTS: &str = "/proc/self/mountinfo";

/// Kinds as Linux names them. `fuse.` stands for whatever a program serves, often a network.
const SHARED: [&str; 10] =
    ["nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "virtiofs", "vboxsf", "prl_fs", "fuse."];

/// What containers put on top of a local disk.
const LOCAL: [&str; 1] = ["fuse.fuse-overlayfs"];

/// Warns of a database on a file system that does not keep what SQLite promises.
pub(super) fn warn_if_shared(path: &Path) {
    let Ok(mounts) = std::fs::read(MOUNTS) else { return };
    let Ok(path) = path.canonicalize() else { return };
    if let Some(kind) = kind_of(&path, &mounts).filter(|kind| is_shared(kind)) {
        let path = path.display();
        tracing::warn!(
            "`{path}` is on a file system of the kind `{kind}`, where SQLite can lose what it acknowledged; \
             put it on a local disk, or use PostgreSQL"
        );
    }
}

fn is_shared(kind: &str) -> bool {
    let is = |shared: &str| kind == shared || shared.ends_with('.') && kind.starts_with(shared);
    SHARED.iter().any(|shared| is(shared)) && !LOCAL.contains(&kind)
}

/// The kind of the innermost mount that holds a path; of several at one place the last one counts.
fn kind_of(path: &Path, mounts: &[u8]) -> Option<String> {
    let lines = mounts.split(|byte| *byte == b'\n').filter_map(mount);
    let holding = lines.filter(|(point, _)| path.starts_with(point));
    holding.max_by_key(|(point, _)| point.as_os_str().len()).map(|(_, kind)| kind)
}

/// The place and kind of a line such as `36 35 98:0 / /mnt rw,noatime master:1 - ext3 /dev/root rw`.
fn mount(line: &[u8]) -> Option<(PathBuf, String)> {
    let mut fields = line.split(|byte| *byte == b' ');
    let point = fields.nth(4)?;
    let kind = fields.skip_while(|field| *field != b"-").nth(1)?;
    Some((unescaped(point), String::from_utf8_lossy(kind).into_owned()))
}

/// A space, a tab, a line feed and a backslash are written as three octal digits.
fn unescaped(text: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) if first == b'\\' => {
                bytes.push(byte);
                rest = &after[3..];
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    PathBuf::from(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = "\
21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 21 0:26 / /srv/net rw - nfs4 server:/export rw,vers=4.2
31 30 0:27 / /srv/net/my\\040work rw master:3 propagate_from:2 - fuse.sshfs me@host: rw
32 21 0:28 / /shared rw - 9p hostshare rw
33 21 254:1 / /shared rw - xfs /dev/vdb rw
34 21 0:29 / /layers rw - fuse.fuse-overlayfs fuse-overlayfs rw
a line of another program";

    #[test]
    fn the_innermost_mount_says_what_a_path_is_on() {
        let kind = |path: &str| kind_of(Path::new(path), LINES.as_bytes()).unwrap();
        assert_eq!(kind("/var/runs.db"), "ext4");
        assert_eq!(kind("/srv/net/runs.db"), "nfs4");
        assert_eq!(kind("/srv/nets/runs.db"), "ext4");
        assert_eq!(kind("/srv/net/my work/runs.db"), "fuse.sshfs");
        assert_eq!(kind("/shared/runs.db"), "xfs", "what was mounted last covers the other");
    }

    #[test]
    fn shared_is_what_a_network_or_a_host_serves() {
        for kind in ["nfs", "nfs4", "cifs", "9p", "virtiofs", "fuse.sshfs"] {
            assert!(is_shared(kind), "{kind}");
        }
        for kind in ["ext4", "overlay", "tmpfs", "btrfs", "fuseblk", "fuse.fuse-overlayfs"] {
            assert!(!is_shared(kind), "{kind}");
        }
    }
}
