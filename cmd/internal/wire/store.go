package wire

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sohoa/storage/blob"
	"sohoa/storage/blob/fs"
	"sohoa/storage/blob/s3"
)

// S3 says which bucket takes the place of the directory of files.
type S3 struct {
	Endpoint string // https://host or http://host:port; empty: the directory
	Bucket   string
	Prefix   string // folder in the bucket
	Region   string
	KeyFile  string // a file that holds access:secret
}

// openBlobs opens where the files are: the bucket, if one is set, else the
// directory. The bucket is never made here: its rights, its lock and its
// versions are its owner's to choose.
func openBlobs(ctx context.Context, s Settings) (blob.Pruner, error) {
	if s.S3.Endpoint == "" {
		return fs.Open(filepath.Join(s.Data, "blobs"))
	}
	key, err := os.ReadFile(s.S3.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("key of the object store (SOHOA_S3_KEY_FILE): %w", err)
	}
	access, secret, ok := strings.Cut(strings.TrimSpace(string(key)), ":")
	if !ok {
		return nil, fmt.Errorf("key of the object store: %s does not hold access:secret", s.S3.KeyFile)
	}
	return s3.Open(ctx, s3.Options{
		Endpoint: s.S3.Endpoint, Bucket: s.S3.Bucket, Prefix: s.S3.Prefix, Region: s.S3.Region,
		AccessKey: access, SecretKey: secret, Temp: filepath.Join(s.Data, "tmp"), Now: time.Now,
	})
}
