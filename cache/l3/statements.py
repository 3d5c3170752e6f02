"""L3's statements, one text for both databases; ``dialect`` fills in the words that differ.

PostgreSQL runs transactions beside each other, and none may wait for one that waits for it.
Therefore entries are locked in the order of their keys, whoever holds a key's entry alone touches
its tags and its note of what L2 may have missed, and all else passes locked rows by.
"""

from typing import Final

BEGIN: Final = "$begin"
COMMIT: Final = "COMMIT"
ASK: Final = "SELECT 1"

ENTER: Final = """
INSERT INTO cache_namespaces (namespace, floor) VALUES (:namespace, 0) ON CONFLICT DO NOTHING"""

READ: Final = """
SELECT n.floor, $now, e.key, e.value, e.version,
       e.expires_at, e.fresh_until, e.stored_at, e.cost_s, e.tags
FROM cache_namespaces AS n
LEFT JOIN cache_entries AS e
       ON e.namespace = n.namespace AND e.key $in_names AND e.floor >= n.floor
WHERE n.namespace = :namespace"""

# A write that has read the floor when ``clear`` raises it leaves a row under the older floor, which
# nobody reads: so neither waits for the other, and no fill outlives a ``clear`` that it overlaps.
# A fill compares under the row's lock: what others commit while it waits counts. Whether there are
# tags to replace is what the statement saw at its start: a tag that is left over by a race costs
# an invalidation too many, never one too few.
STORE: Final = """
INSERT INTO cache_entries
    (namespace, key, value, version, floor, seen,
     expires_at, fresh_until, stored_at, cost_s, tags)
SELECT n.namespace, b.key, substr(:payloads, b.start, b.size),
       $greatest($now_us, n.floor + 1), n.floor, b.seen,
       $now + b.ttl_s, $now + coalesce(b.fresh_s, b.ttl_s), $now - b.age_s, b.cost_s, b.tags
FROM $writes AS b JOIN cache_namespaces AS n ON n.namespace = :namespace
WHERE b.seen IS NULL
   OR (coalesce(b.floor, n.floor) = n.floor
       AND (b.seen = 0
            OR EXISTS (SELECT 1 FROM cache_entries AS x
                       WHERE x.namespace = n.namespace AND x.key = b.key
                         AND x.version = b.seen AND x.floor >= n.floor)))
ORDER BY b.key $byte_order
ON CONFLICT (namespace, key) DO UPDATE
SET value = excluded.value, version = $greatest(cache_entries.version + 1, excluded.version),
    floor = $greatest(cache_entries.floor, excluded.floor), seen = excluded.seen,
    expires_at = excluded.expires_at, fresh_until = excluded.fresh_until,
    stored_at = excluded.stored_at, cost_s = excluded.cost_s, tags = excluded.tags
WHERE excluded.seen IS NULL OR excluded.seen = cache_entries.version
   OR (excluded.seen = 0 AND excluded.floor > cache_entries.floor)
RETURNING key, version,
    EXISTS (SELECT 1 FROM cache_tags AS t
            WHERE t.namespace = cache_entries.namespace AND t.key = cache_entries.key)"""

# Tags that a key keeps are not touched.
UNTAG: Final = """
DELETE FROM cache_tags
WHERE namespace = :namespace AND key $in_names
  AND (key, tag) NOT IN (SELECT b.key, b.tag FROM $tagged AS b)"""

TAG: Final = """
INSERT INTO cache_tags (namespace, tag, key, long_key)
SELECT :namespace, b.tag, b.key, b.long_key FROM $tagged AS b WHERE true
ON CONFLICT DO NOTHING"""

EXPECT: Final = """
INSERT INTO cache_expected (namespace, tag, key, long_key, expires_at)
SELECT :namespace, b.tag, b.key, b.long_key, $now + :keep_s FROM $tagged AS b WHERE true
ORDER BY b.key $byte_order, b.tag $byte_order
ON CONFLICT (namespace, tag, key) DO UPDATE SET expires_at = excluded.expires_at"""

TAGGED: Final = """
SELECT key, long_key FROM cache_tags WHERE namespace = :namespace AND tag $in_names
UNION
SELECT key, long_key FROM cache_expected
WHERE namespace = :namespace AND tag $in_names AND expires_at > $now"""

# ``since`` stays: a key that is written again and again is as old as its oldest missed write.
NOTE: Final = """
INSERT INTO cache_pending_invalidation (namespace, key, long_key, version, written_at, since)
SELECT :namespace, b.key, b.long_key, b.version, $now, $now FROM $versions AS b WHERE true
ON CONFLICT (namespace, key) DO UPDATE
SET version = excluded.version, written_at = excluded.written_at"""

PENDING: Final = """
SELECT key, long_key, version FROM cache_pending_invalidation
WHERE namespace = :namespace AND since <= $now - :older_than_s
ORDER BY since LIMIT :rows"""

# The names are given twice: PostgreSQL would rather read a small table as a whole than join it.
SETTLE: Final = """
DELETE FROM cache_pending_invalidation
WHERE namespace = :namespace AND key $in_names AND key IN (
    SELECT p.key FROM $versions AS b CROSS JOIN cache_pending_invalidation AS p
    WHERE p.namespace = :namespace AND p.key $in_names
      AND p.key = b.key AND p.version <= b.version $skip_locked)
RETURNING key"""

SETTLE_PARTLY: Final = """
UPDATE cache_pending_invalidation SET since = written_at
WHERE namespace = :namespace AND key $in_names AND key IN (
    SELECT p.key FROM $versions AS b CROSS JOIN cache_pending_invalidation AS p
    WHERE p.namespace = :namespace AND p.key $in_names
      AND p.key = b.key AND p.version > b.version $skip_locked)"""

RAISE_FLOOR: Final = """
UPDATE cache_namespaces SET floor = $greatest(floor + 1, $now_us, :version)
WHERE namespace = :namespace
RETURNING floor, $now"""

EMPTY_SOME: Final = """
DELETE FROM cache_entries
WHERE namespace = :namespace AND key IN (
    SELECT p.key FROM cache_entries AS p
    WHERE p.namespace = :namespace AND p.key > :after AND p.floor < :floor
    ORDER BY p.key LIMIT :rows $skip_locked)
RETURNING namespace, key, tags IS NOT NULL"""

PURGE_SOME: Final = """
DELETE FROM cache_entries
WHERE (namespace, key) IN (
    SELECT p.namespace, p.key FROM cache_entries AS p
    WHERE p.expires_at <= $now - :keep_s LIMIT :rows $skip_locked)
RETURNING namespace, key, tags IS NOT NULL"""

EMPTY_EXPECTED: Final = """
DELETE FROM cache_expected
WHERE namespace = :namespace AND (tag, key) IN (
    SELECT p.tag, p.key FROM cache_expected AS p
    WHERE p.namespace = :namespace AND p.expires_at <= :until LIMIT :rows $skip_locked)
RETURNING 1"""

PURGE_EXPECTED: Final = """
DELETE FROM cache_expected
WHERE (namespace, tag, key) IN (
    SELECT p.namespace, p.tag, p.key FROM cache_expected AS p
    WHERE p.expires_at <= $now LIMIT :rows $skip_locked)
RETURNING 1"""
