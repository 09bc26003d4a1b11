// Command blob measures what keeping and giving back files costs beside doing it
// plainly, in one run:
//
//	go run ./bench/blob [-s3 SERVER]
//
// On a disk the plain way is a copy into a file of another name, synced, renamed
// and its directory synced; on an S3 server it is one call of minio-go as its
// documentation shows it. Ours, and ours sealed, do the same with the checks of
// package blob: the digest is held against the bytes on the way in and on the way
// out. A get ends in a synced file, as whoever works with it needs one; ours writes it as
// the house writes such files, on their way to the disk while they come (durable.Flowing). The ways
// take turns with new files each time, so that none has the quieter minute; the
// figures are medians, and beside them in per cent the quicker quarters: what others do
// on the machine is less in them. Beside the clock stands the processor time of this
// process, which others' work changes least; an S3 server's is not in it.
//
// A plain copy from file to file is the kernel's alone (copy_file_range): its bytes never
// come to whoever gets them. Beside it stands one whose bytes do, as they must for
// whoever looks at them.
//
// SERVER is the program of storage/blob/s3/servertest, built with go build -C
// storage/blob/s3/servertest -o SERVER .; without it only the disk is measured.
package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"sohoa/dossier/digest"
	"sohoa/storage/blob"
	"sohoa/storage/blob/fs"
	"sohoa/storage/blob/s3"
	"sohoa/storage/blob/sealed"
	"sohoa/storage/durable"
)

func main() {
	server := flag.String("s3", "", "program of a real S3 server")
	rounds := flag.Int("rounds", 41, "files of 100 kB for each way")
	large := flag.Int("large", 0, "files of 20 MB for each way; a quarter of rounds if not given, none if less than 0")
	dir := flag.String("dir", "", "directory on the disk to measure; the system's temporary one if not given")
	flag.Parse()
	if *large == 0 {
		*large = max(5, *rounds/4)
	}
	if err := run(context.Background(), *dir, *server, *rounds, *large); err != nil {
		fmt.Fprintln(os.Stderr, "blob:", err)
		os.Exit(1)
	}
}

// A way keeps a file and gives it back.
type way struct {
	name string
	put  func(ctx context.Context, path string, d digest.Digest, size int64) error
	get  func(ctx context.Context, d digest.Digest, size int64, out *os.File) error
}

func run(ctx context.Context, dir, server string, rounds, large int) error {
	root, err := os.MkdirTemp(dir, "bench-blob-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(root)
	ring, err := sealed.NewRing(time.Now())
	if err != nil {
		return err
	}
	disk, err := onDisk(root, ring)
	if err != nil {
		return err
	}
	fmt.Println("| where | file | way | put | of plain | CPU | get | of plain | CPU |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|")
	if err := table(ctx, root, "disk", disk, rounds, large); err != nil {
		return err
	}
	if server == "" {
		return nil
	}
	addr, end, err := serve(server)
	if err != nil {
		return err
	}
	defer end()
	bucket, err := onS3(ctx, root, addr, ring)
	if err != nil {
		return err
	}
	return table(ctx, root, "S3", bucket, rounds, large)
}

func table(ctx context.Context, root, where string, ways []way, rounds, large int) error {
	for _, size := range []struct {
		name   string
		n      int64
		rounds int
	}{{"100 kB", 100_000, rounds}, {"20 MB", 20_000_000, large}} {
		if size.rounds <= 0 {
			continue
		}
		puts, gets := make([]times, len(ways)), make([]times, len(ways))
		for range size.rounds {
			for i, w := range ways {
				put, get, err := once(ctx, root, w, size.n)
				if err != nil {
					return fmt.Errorf("%s, %s: %w", where, w.name, err)
				}
				puts[i].add(put)
				gets[i].add(get)
			}
		}
		for i, w := range ways {
			fmt.Printf("| %s | %s | %s | %s | %s |\n", where, size.name, w.name, puts[i].of(puts[0]), gets[i].of(gets[0]))
		}
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// spent is what something took by the clock, and of this process's processor time.
type spent struct{ wall, cpu time.Duration }

// measured does something and says what it took.
func measured(do func() error) (spent, error) {
	began, before := time.Now(), cpu()
	err := do()
	return spent{time.Since(began), cpu() - before}, err
}

func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // it knows no reason but a wrong address
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

type times struct{ wall, cpu []time.Duration }

func (t *times) add(s spent) { t.wall, t.cpu = append(t.wall, s.wall), append(t.cpu, s.cpu) }

// of is how long it took, how quick that is of the plain way, in per cent, by medians
// and by the quicker quarters, and its processor time.
func (t times) of(plain times) string {
	ratio := func(n int) float64 { return 100 * ms(quantile(plain.wall, n)) / ms(quantile(t.wall, n)) }
	return fmt.Sprintf("%.2f ms | %.0f, %.0f %% | %.2f ms", ms(quantile(t.wall, 2)), ratio(2), ratio(4), ms(quantile(t.cpu, 2)))
}

// quantile is what one in n undercuts.
func quantile(d []time.Duration, n int) time.Duration {
	s := slices.Clone(d)
	slices.Sort(s)
	return s[len(s)/n]
}

// once puts a new file and gets it back.
func once(ctx context.Context, root string, w way, size int64) (put, get spent, err error) {
	b := make([]byte, size)
	rand.Read(b)
	path, back := filepath.Join(root, "in"), filepath.Join(root, "out")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		return put, get, err
	}
	d := digest.Of(b)
	if put, err = measured(func() error { return w.put(ctx, path, d, size) }); err != nil {
		return put, get, fmt.Errorf("put: %w", err)
	}
	if get, err = measured(func() error {
		out, err := os.Create(back)
		if err != nil {
			return err
		}
		return errors.Join(w.get(ctx, d, size, out), out.Sync(), out.Close())
	}); err != nil {
		return put, get, fmt.Errorf("get: %w", err)
	}
	got, err := os.ReadFile(back)
	if err == nil && !bytes.Equal(got, b) {
		err = errors.New("what came back is not what was put")
	}
	return put, get, err
}

// stored is the way of a store.
func stored(name string, s blob.Store) way {
	return way{name,
		func(ctx context.Context, path string, d digest.Digest, size int64) error {
			f, err := os.Open(path)
			if err != nil {
				return err
			}
			defer f.Close()
			return s.Put(ctx, d, size, f)
		},
		func(ctx context.Context, d digest.Digest, size int64, out *os.File) error {
			r, err := s.Open(ctx, d)
			if err != nil {
				return err
			}
			_, err = io.Copy(durable.Flowing(out, size), r)
			return errors.Join(err, r.Close())
		}}
}

func onDisk(root string, ring *sealed.Ring) ([]way, error) {
	dir := filepath.Join(root, "plain")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	own, err := fs.Open(filepath.Join(root, "own"))
	if err != nil {
		return nil, err
	}
	base, err := fs.Open(filepath.Join(root, "sealed"))
	if err != nil {
		return nil, err
	}
	return []way{copied(dir, "plain copy, synced", passed, passed), copied(dir, "the same, its bytes read", readThrough, readThrough), copied(dir, "the same, with SHA-256", hashed, hashed), stored("**sohoa**", own),
		copied(dir, "the same, with SHA-256 and AES-256-GCM", hashSealed, openHashed), stored("**sohoa**, sealed", sealed.New(base, ring))}, nil
}

// copied is the way of copying files by hand into a directory, through what there
// and back does to bytes.
func copied(dir, name string, there, back through) way {
	at := func(d digest.Digest) string { return filepath.Join(dir, d.String()+strings.ReplaceAll(name, " ", "")) }
	return way{name,
		func(_ context.Context, path string, d digest.Digest, _ int64) error {
			return copyTo(path, at(d), there)
		},
		func(_ context.Context, d digest.Digest, _ int64, out *os.File) error {
			f, err := os.Open(at(d))
			if err != nil {
				return err
			}
			return errors.Join(back(out, f), f.Close())
		}}
}

// copyTo copies a file so that it is on the disk under its name, or not at all.
func copyTo(from, to string, by through) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to + ".new")
	if err != nil {
		return err
	}
	if err := errors.Join(by(out, in), out.Sync(), out.Close()); err != nil {
		return err
	}
	if err := os.Rename(to+".new", to); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(to))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

const access, secret = "somebody", "nobody-knows"

func onS3(ctx context.Context, root, addr string, ring *sealed.Ring) ([]way, error) {
	client, err := minio.New(addr, &minio.Options{Creds: credentials.NewStaticV4(access, secret, "")})
	if err != nil {
		return nil, err
	}
	if err := client.MakeBucket(ctx, "plain", minio.MakeBucketOptions{}); err != nil {
		return nil, err
	}
	open := func(bucket string) (*s3.Store, error) {
		return s3.Open(ctx, s3.Options{Endpoint: "http://" + addr, Bucket: bucket, AccessKey: access, SecretKey: secret, Create: true, Temp: root, Now: time.Now})
	}
	own, err := open("own")
	if err != nil {
		return nil, err
	}
	base, err := open("sealed")
	if err != nil {
		return nil, err
	}
	return []way{{"minio-go",
		func(ctx context.Context, path string, d digest.Digest, size int64) error {
			f, err := os.Open(path)
			if err != nil {
				return err
			}
			defer f.Close()
			_, err = client.PutObject(ctx, "plain", d.String(), f, size, minio.PutObjectOptions{})
			return err
		},
		func(ctx context.Context, d digest.Digest, _ int64, out *os.File) error {
			r, err := client.GetObject(ctx, "plain", d.String(), minio.GetObjectOptions{})
			if err != nil {
				return err
			}
			return errors.Join(passed(out, r), r.Close())
		}}, stored("**sohoa**", own), stored("**sohoa**, sealed", sealed.New(base, ring))}, nil
}

// serve starts the server, which ends with this process.
func serve(program string) (addr string, end func(), err error) {
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), "SERVERTEST_ACCESS="+access, "SERVERTEST_SECRET="+secret)
	leash, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	end = func() {
		_ = leash.Close()
		_ = cmd.Wait()
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if addr, ok := strings.CutPrefix(lines.Text(), "listening "); ok {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return addr, end, nil
		}
	}
	end()
	return "", nil, errors.New("the server said nothing")
}
