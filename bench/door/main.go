// Command door measures the pages with 200 people at them while the machine works through a
// backlog, and what a thousand open pages cost that are told when something changes.
//
//	go run ./bench/door -sohoa bin/sohoa [-people 200] [-think 5s] [-for 60s] [-idle 1000]
//
// Server time is what the service itself measured (sohoa_http_request_seconds). Beside it
// runs a peer: net/http, one row from the same engine, one page of fixed bytes.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sohoa/bench/internal/running"
	"sohoa/dossier"
)

type bench struct {
	sohoa                string
	people, idle, logins int
	backlog              int
	think, last          time.Duration

	dir, base, metrics, peer string
	ground                   ground
	pid                      int

	asked, failed atomic.Int64
}

func main() {
	b := &bench{}
	flag.StringVar(&b.sohoa, "sohoa", "bin/sohoa", "the program")
	flag.IntVar(&b.people, "people", 200, "at once")
	flag.IntVar(&b.idle, "idle", 1000, "open pages that are told when something changes")
	flag.IntVar(&b.logins, "logins", 20, "of them log in anew while it is measured")
	flag.IntVar(&b.backlog, "backlog", 400, "papers that the machine has before it")
	flag.DurationVar(&b.think, "think", 5*time.Second, "between two pages of a person, on average")
	flag.DurationVar(&b.last, "for", 60*time.Second, "measured")
	flag.Parse()
	if err := b.run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "door:", err)
		os.Exit(1)
	}
}

func (b *bench) run(ctx context.Context) (err error) {
	if b.dir, err = os.MkdirTemp("", "door-*"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	if b.ground, err = lay(ctx, b.dir, b.people, b.backlog); err != nil {
		return fmt.Errorf("ground: %w", err)
	}
	stop, err := b.serve(ctx)
	if err != nil {
		return err
	}
	defer stop()
	if b.idle > 0 {
		if err := b.open(ctx); err != nil {
			return err
		}
	}
	before, err := b.histograms()
	if err != nil {
		return err
	}
	cpu, waiting := cpuOf(b.pid), b.waiting(ctx)
	b.work(ctx)
	after, err := b.histograms()
	if err != nil {
		return err
	}
	took := cpuOf(b.pid) - cpu
	fmt.Printf("door: %d people, %.1f s between pages on average, for %.0f s: %d pages, %.0f a second, %d failed; the service alone took %.1f s of processor time, %.1f ms a page; papers to be read %d, then %d\n",
		b.people, b.think.Seconds(), b.last.Seconds(), b.asked.Load(), float64(b.asked.Load())/b.last.Seconds(), b.failed.Load(), took.Seconds(), 1000*took.Seconds()/max(1, float64(b.asked.Load())), waiting, b.waiting(ctx))
	report(before, after)
	return nil
}

// serve starts the service and the peer.
func (b *bench) serve(ctx context.Context) (stop func(), err error) {
	addr, err := running.FreeAddress()
	if err != nil {
		return nil, err
	}
	metrics, err := running.FreeAddress()
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(b.dir, "log"))
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, b.sohoa, "serve", "--data", b.dir, "--addr", addr)
	cmd.Env = append(os.Environ(), "SOHOA_METRICS_ADDR="+metrics)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	b.base, b.metrics, b.pid = "http://"+addr, "http://"+metrics+"/metrics", cmd.Process.Pid
	closePeer, err := b.startPeer()
	end := func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
		log.Close()
	}
	if err != nil {
		end()
		return nil, err
	}
	for range 300 {
		if res, err := http.Get(b.base + "/healthz"); err == nil {
			res.Body.Close()
			return func() { end(); closePeer() }, nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	end()
	said, _ := os.ReadFile(log.Name())
	return nil, fmt.Errorf("the service did not start: %s", said)
}

// one is a person's browser.
func (b *bench) one(i int) *http.Client {
	jar, _ := cookiejar.New(nil) // never fails
	u, err := url.Parse(b.base)
	if err == nil {
		jar.SetCookies(u, []*http.Cookie{{Name: "sohoa", Value: token(i), Path: "/"}})
	}
	return &http.Client{Jar: jar, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{MaxIdleConnsPerHost: 2}}
}

// work has all people look at pages for a while; some log in anew.
func (b *bench) work(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, b.last)
	defer cancel()
	var all sync.WaitGroup
	for i := range b.people {
		all.Go(func() {
			draw := rand.New(rand.NewPCG(1, uint64(i)))
			c := b.one(i)
			logsIn := time.Duration(0)
			if i < b.logins {
				logsIn = time.Duration(draw.Float64() * float64(b.last))
			}
			for began := time.Now(); ; {
				select {
				case <-ctx.Done():
					return
				case <-time.After(time.Duration(draw.ExpFloat64() * float64(b.think))):
				}
				if logsIn > 0 && time.Since(began) > logsIn {
					logsIn = 0
					b.login(ctx, c, i)
					continue
				}
				b.look(ctx, c, draw, i)
			}
		})
	}
	all.Wait()
}

func (b *bench) look(ctx context.Context, c *http.Client, draw *rand.Rand, i int) {
	d := b.ground.papers[10*draw.IntN(len(b.ground.papers)/10)+i%10] // of their own agency
	at := [...]string{"/documents/" + string(d.ID), "/documents/" + string(d.ID), "/documents/" + string(d.ID), "/dossiers", "/dossiers", "/documents?state=normalised", "/dossiers/" + string(d.Dossier), "/", "/login"}[draw.IntN(9)]
	if at == "/login" {
		c = &http.Client{Timeout: time.Minute}
	}
	b.ask(ctx, c, "GET", b.base+at, nil)
	b.ask(ctx, http.DefaultClient, "GET", b.peer+"?id="+string(d.ID), nil)
}

func (b *bench) login(ctx context.Context, c *http.Client, i int) {
	b.ask(ctx, &http.Client{Timeout: time.Minute, CheckRedirect: c.CheckRedirect}, "POST", b.base+"/login", url.Values{"login": {login(i)}, "password": {password}})
}

func (b *bench) ask(ctx context.Context, c *http.Client, method, at string, form url.Values) {
	req, err := http.NewRequestWithContext(ctx, method, at, strings.NewReader(form.Encode()))
	if err != nil {
		b.failed.Add(1)
		return
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := c.Do(req)
	if err != nil {
		if !errors.Is(err, context.DeadlineExceeded) {
			b.failed.Add(1)
		}
		return
	}
	_, _ = io.Copy(io.Discard, res.Body)
	res.Body.Close()
	if strings.HasPrefix(at, b.base) {
		b.asked.Add(1)
		if res.StatusCode >= 400 || res.StatusCode == http.StatusSeeOther && method == http.MethodGet {
			b.failed.Add(1)
		}
	}
}

// open opens pages that are told when something changes, and says what they cost.
func (b *bench) open(ctx context.Context) error {
	time.Sleep(3 * time.Second)
	before := rss(b.pid)
	opened := make(chan error, b.idle)
	for n := range b.idle {
		c := b.one(n % b.people)
		c.Timeout = 0
		req, err := http.NewRequestWithContext(ctx, "GET", b.base+"/live", nil)
		if err != nil {
			return err
		}
		res, err := c.Do(req)
		if err != nil {
			return err
		}
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("page %d is not told: %d", n, res.StatusCode)
		}
		go func() { _, err := io.Copy(io.Discard, res.Body); opened <- err }()
	}
	time.Sleep(5 * time.Second)
	if len(opened) > 0 {
		return fmt.Errorf("%d of the open pages ended", len(opened))
	}
	fmt.Printf("door: %d open pages that are told: the service grew from %.0f to %.0f MB (RSS), by %.0f MB\n", b.idle, before, rss(b.pid), rss(b.pid)-before)
	return nil
}

// waiting is how many papers nobody has read yet. What was read and waits for its PDF/A
// is not among them: while pages are to be read, that grows.
func (b *bench) waiting(ctx context.Context) int {
	counts, err := b.ground.db.Counts(ctx, nil, nil)
	if err != nil {
		return -1
	}
	return counts[dossier.Received]
}
