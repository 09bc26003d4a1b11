//go:build s3

package s3

import (
	"reflect"
	"testing"

	"github.com/minio/minio-go/v7"

	"sohoa/storage/blob/blobtest"
)

// What this server enforces without and with object lock; a finding that
// changes with its version is to be looked at.
func TestProbe(t *testing.T) {
	plain := Findings{Conditional: true, ConditionalParts: true, Signature: true, Checksum: true, ChecksumParts: true}
	locking := plain
	locking.Versioning, locking.Governance, locking.Compliance, locking.Hold = Held, Held, Held, Held
	locking.HoldAfter = Claimed // it lets go of a held object once a retention on it has ended
	if keepsNothing() {         // the store is right there all the same: it reads back, and hashes before it sends
		plain = Findings{Signature: true, Governance: Claimed, Compliance: Claimed, Hold: Claimed, HoldAfter: Claimed}
		locking = plain
	}
	for name, test := range map[string]struct {
		lock bool
		want Findings
	}{"plain": {false, plain}, "locking": {true, locking}} {
		t.Run(name, func(t *testing.T) {
			o := options(t)
			if test.lock {
				s, err := dial(o)
				if err != nil {
					t.Fatal(err)
				}
				if err := s.core.MakeBucket(t.Context(), o.Bucket, minio.MakeBucketOptions{ObjectLocking: true}); err != nil {
					t.Fatal(err)
				}
			}
			s := open(t, o)
			d := blobtest.Put(t, s, []byte("a blob"))
			got, err := s.Probe(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("%+v\nwant\n%+v", got, test.want)
			}
			if _, err := s.Stat(t.Context(), d); err != nil {
				t.Error(err)
			}
			for v := range s.core.ListObjectsIter(t.Context(), s.bucket, minio.ListObjectsOptions{Prefix: s.prefix + "probe/", WithVersions: !keepsNothing(), Recursive: true}) {
				t.Errorf("left: %s %s, %v", v.Key, v.VersionID, v.Err)
			}
			if u := unfinished(t, s); len(u) > 0 {
				t.Errorf("left in parts: %v", u)
			}
		})
	}
}
