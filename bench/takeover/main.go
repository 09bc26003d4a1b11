// Command takeover measures how `sohoa archive import` takes an archive of small files
// over, beside a plain copy of the same files of which each is synced, and what it takes
// to ask sha256sum, and of PDF files qpdf, about each of some. Files and house lie in
// -dir, on the disk that is to be measured. See README.md.
//
//	go build -o bin/sohoa ./cmd/sohoa
//	go run ./bench/takeover -sohoa bin/sohoa -files 20000 -dir /srv/bench
//	go run ./bench/takeover -sohoa bin/sohoa -files 1000000 -dir /srv/bench
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/storage/sqldb"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	files := flag.Int("files", 1000, "how many")
	dir := flag.String("dir", os.TempDir(), "where files and house are made; on the disk that counts")
	readers := flag.Int("readers", 2, "files that are looked at at once")
	kind := flag.String("kind", "jpeg", "what the files are: jpeg, or pdf of a scan each")
	width := flag.Int("width", 400, "of a picture, in pixels; its height is seven fifths of it")
	program := flag.String("sohoa", "bin/sohoa", "the program")
	flag.Parse()
	if err := bench(ctx, *program, *dir, *kind, *width, *files, *readers); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func bench(ctx context.Context, program, dir, kind string, width, n, readers int) error {
	dir, err := os.MkdirTemp(dir, "takeover-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	data, papers, index := filepath.Join(dir, "house"), filepath.Join(dir, "papers"), filepath.Join(dir, "index.csv")
	if err := house(ctx, data); err != nil {
		return err
	}
	size, err := makePapers(papers, index, kind, width, n)
	if err != nil {
		return err
	}
	began := time.Now()
	if err := copyAll(papers, filepath.Join(dir, "copy")); err != nil {
		return err
	}
	plain := time.Since(began)
	peers, err := askPeers(ctx, papers, kind, min(n, 300))
	if err != nil {
		return err
	}
	began = time.Now()
	cmd := exec.CommandContext(ctx, program, "archive", "import", papers, "--index", index, "--agency", "H60.1", "--data", data, "--who", "bench", "--readers", fmt.Sprint(readers), "--json")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	most := make(chan int)
	go func() { most <- watch(cmd.Process.Pid, ended) }()
	err = cmd.Wait()
	took := time.Since(began)
	close(ended)
	peak := <-most
	var r struct {
		Counts struct {
			Taken int `json:"taken"`
		} `json:"counts"`
	}
	if err != nil || json.Unmarshal(out.Bytes(), &r) != nil || r.Counts.Taken != n {
		return fmt.Errorf("%d of %d taken: %v", r.Counts.Taken, n, err)
	}
	spent := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"files": n, "kind": kind, "peersCPUMSPerFile": peers, "bytes": size, "copyMS": plain.Milliseconds(), "importMS": took.Milliseconds(),
		"ratio": took.Seconds() / plain.Seconds(), "cpuMSPerFile": spent.Seconds() * 1000 / float64(n), "peakRSSKB": peak})
}

// watch reads the most memory that a process had, without its children, in KB.
func watch(pid int, ended <-chan struct{}) (kb int) {
	for {
		b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)) // gone when it has ended
		for line := range strings.Lines(string(b)) {
			if strings.HasPrefix(line, "VmHWM:") {
				if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kb); err != nil {
					return -1
				}
			}
		}
		select {
		case <-ended:
			return kb
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func house(ctx context.Context, data string) error {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return err
	}
	db, err := sqldb.Open(ctx, filepath.Join(data, "sohoa.db"), sqldb.Options{Now: time.Now})
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.PutAgency(ctx, dossier.Agency{Code: "H60.1", Name: "UBND xã", Tier: dossier.Commune}); err != nil {
		return err
	}
	if err := db.PutKind(ctx, dossier.Kind{Code: "GKS", Name: "Giấy khai sinh"}); err != nil {
		return err
	}
	if err := db.PutPerson(ctx, dossier.Person{Login: "bench", Name: "Kho", Role: dossier.Counter, Agency: "H60.1"}, ""); err != nil {
		return err
	}
	return db.PutProcedure(ctx, dossier.Procedure{Code: "1.000001", Name: "Thử", Level: dossier.Full, Field: "Thử", Days: 1, ResultKind: "GKS"})
}

// makePapers makes n pictures unlike each other, a thousand in a folder, and their index.
func makePapers(dir, index, kind string, width, n int) (size int64, err error) {
	m := image.NewGray(image.Rect(0, 0, width, width*7/5))
	for i := range m.Pix {
		m.Pix[i] = byte(200 + i*7%53)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		return 0, err
	}
	var rows strings.Builder
	rows.WriteString("Mã hồ sơ,Mã TTHC,Số định danh,Chủ hồ sơ,Ngày tiếp nhận,Mã thành phần,Tên tệp\n")
	f, err := os.Create(index)
	if err != nil {
		return 0, err
	}
	for i := range n {
		folder := fmt.Sprintf("%04d", i/1000)
		if i%1000 == 0 {
			if err := os.MkdirAll(filepath.Join(dir, folder), 0o700); err != nil {
				return 0, err
			}
		}
		name := fmt.Sprintf("%s/%07d.%s", folder, i, kind)
		// a comment (ITU-T T.81 B.2.4.5) behind SOI makes each another file
		note := fmt.Sprintf("\xff\xfe\x00\x0a%08d", i)
		file := append(append(bytes.Clone(b.Bytes()[:2]), note...), b.Bytes()[2:]...)
		if kind == "pdf" {
			file = inPDF(file, width)
		}
		size += int64(len(file))
		if err := os.WriteFile(filepath.Join(dir, name), file, 0o600); err != nil {
			return 0, err
		}
		fmt.Fprintf(&rows, "H60.1-150302-%07d,1.000001,0010%08d,Nguyễn Văn An,02/03/2015,KQ,%s\n", i+1, i, name)
		if rows.Len() > 1<<20 || i == n-1 {
			if _, err := io.WriteString(f, rows.String()); err != nil {
				return 0, err
			}
			rows.Reset()
		}
	}
	return size, f.Close()
}

// inPDF is a PDF of one page that is the picture.
func inPDF(picture []byte, width int) []byte {
	var b bytes.Buffer
	var at []int
	object := func(form string, args ...any) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n"+form+"\nendobj\n", append([]any{len(at)}, args...)...)
	}
	b.WriteString("%PDF-1.4\n")
	object("<</Type/Catalog/Pages 2 0 R>>")
	object("<</Type/Pages/Count 1/Kids[3 0 R]>>")
	object("<</Type/Page/Parent 2 0 R/MediaBox[0 0 144 201.6]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>")
	draw := "q 144 0 0 201.6 0 0 cm /I Do Q"
	object("<</Length %d>>stream\n%s\nendstream", len(draw), draw)
	object("<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/DCTDecode/Length %d>>stream\n%s\nendstream", width, width*7/5, len(picture), picture)
	table := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, x := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", x)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, table)
	return b.Bytes()
}

// askPeers has programs of others look at the first n files, one process each, and
// returns what each takes of the processor for a file, in milliseconds.
func askPeers(ctx context.Context, dir, kind string, n int) (map[string]float64, error) {
	all, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil {
		return nil, err
	}
	programs := [][]string{{"sha256sum"}}
	if kind == "pdf" {
		programs = append(programs, []string{"qpdf", "--check"})
	}
	took := map[string]float64{}
	for _, p := range programs {
		for _, path := range all[:n] {
			cmd := exec.CommandContext(ctx, p[0], append(p[1:len(p):len(p)], path)...)
			if err := cmd.Run(); err != nil {
				return nil, fmt.Errorf("%s: %w", p[0], err)
			}
			took[p[0]] += (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds() * 1000 / float64(n)
		}
	}
	return took, nil
}

// copyAll copies files one after the other and syncs each.
func copyAll(from, to string) error {
	return filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		f, err := os.Create(filepath.Join(to, rel))
		if err != nil {
			return err
		}
		if _, err := f.Write(b); err != nil {
			return err
		}
		if err := f.Sync(); err != nil {
			return err
		}
		return f.Close()
	})
}
