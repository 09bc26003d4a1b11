package asynqueue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"sohoa/dossier"
)

func job(i int, lane dossier.Lane) dossier.Job {
	return dossier.Job{Document: dossier.DocumentID(fmt.Sprint("d", i)), Version: 1, Act: dossier.Recognise, Epoch: 1, Lane: lane}
}

func opened(t *testing.T) *Queue {
	t.Helper()
	q, err := Open(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(q.Close)
	return q
}

// Many hints go together and stay in their order, also to a Redis that has forgotten
// asynq's scripts, and what is there already is there once.
func TestHintsKeepTheirOrder(t *testing.T) {
	q := opened(t)
	var jobs []dossier.Job
	for i := range 3*mostBundled + 5 {
		jobs = append(jobs, job(i, dossier.Ordinary))
	}
	check := func(when string, n int) {
		t.Helper()
		if err := q.Enqueue(t.Context(), jobs[:n]...); err != nil {
			t.Fatalf("%s: %v", when, err)
		}
		waiting, err := q.Waiting(t.Context(), len(jobs)+1)
		if err != nil || len(waiting) != n {
			t.Fatalf("%s: %d wait, want %d: %v", when, len(waiting), n, err)
		}
		for i, j := range waiting {
			if j.Document != jobs[i].Document {
				t.Fatalf("%s: %s is number %d", when, j.Document, i)
			}
		}
	}
	check("a new queue", 2*mostBundled)
	if err := q.redis.ScriptFlush(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	check("scripts are gone, and some of it is there", len(jobs))
}

// Whoever looks is sent to Redis for a hint only where one waits, is kept while there
// is none, and hears at once of what this process brings.
func TestLooksWhereSomethingWaits(t *testing.T) {
	q := opened(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	l := &looks{ctx: ctx, queue: q, woken: make(chan struct{}, 1), waits: map[string]int{}, pause: time.Hour}
	q.looks[l] = true // as one who serves
	asked := []string{}
	ask := func(name string) error {
		cmd := redis.NewCmd(ctx, "evalsha", "sha", 4, pendingKey(name), pausedKey(name), "active", "lease", 1, "prefix")
		return l.ProcessHook(func(context.Context, redis.Cmder) error {
			asked = append(asked, name)
			return nil
		})(ctx, cmd)
	}
	waited := make(chan error)
	go func() { waited <- ask("line") }()
	select {
	case err := <-waited:
		t.Fatalf("asked although nothing waits: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	if err := q.Enqueue(ctx, job(1, dossier.Ordinary), job(2, dossier.Ordinary)); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-waited:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("nobody said that something came")
	}
	if err := ask("waiting"); !errors.Is(err, redis.Nil) {
		t.Errorf("the queue that is empty: %v", err)
	}
	if err := ask("line"); err != nil {
		t.Error(err)
	}
	if fmt.Sprint(asked) != "[line line]" {
		t.Errorf("Redis was asked for %v", asked)
	}
	if err := q.redis.Set(ctx, pausedKey("line"), 1, 0).Err(); err != nil {
		t.Fatal(err)
	}
	l.pause, l.old = time.Hour, nil
	clear(l.waits) // nothing was counted
	go func() { waited <- ask("line") }()
	select {
	case err := <-waited:
		t.Fatalf("asked although the queue is paused: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	cancel()
	if err := <-waited; !errors.Is(err, redis.Nil) {
		t.Errorf("at the end: %v", err)
	}
}

// Whoever serves takes what comes after a long while of nothing, and ends when it is to
// end, although nothing comes.
func TestServesAndEnds(t *testing.T) {
	q := opened(t)
	ctx, cancel := context.WithCancel(t.Context())
	got, done := make(chan dossier.Job, 1), make(chan error)
	go func() {
		done <- q.Serve(ctx, 1, time.Second, slog.New(slog.DiscardHandler), func(_ context.Context, j dossier.Job) error {
			got <- j
			return nil
		})
	}()
	for i, lane := range dossier.Lanes {
		time.Sleep(longestPause)
		if err := q.Enqueue(ctx, job(i, lane)); err != nil {
			t.Fatal(err)
		}
		if j := <-got; j.Lane != lane {
			t.Errorf("%v came, not one of %v", j, lane)
		}
	}
	cancel()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Error("it serves on")
	}
	if len(q.looks) != 0 {
		t.Error("it is still told of what comes")
	}
}

// Scripts of many go in few round trips, each with its own answer.
func TestScriptsGoTogether(t *testing.T) {
	q := opened(t)
	trips := &trips{}
	client, err := q.connect()
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	bundle(client)
	client.AddHook(trips)
	script := redis.NewScript("return ARGV[1]")
	if err := script.Load(t.Context(), client).Err(); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	const n = 1000
	for i := range n {
		wg.Go(func() {
			if got, err := script.Run(t.Context(), client, []string{"k"}, i).Int(); err != nil || got != i {
				t.Errorf("%d: %d, %v", i, got, err)
			}
		})
	}
	wg.Wait()
	if trips.n == 0 || trips.n > n/4 {
		t.Errorf("%d round trips for %d scripts", trips.n, n)
	}
	if err := redis.NewScript("return redis.error_reply('no')").Run(t.Context(), client, []string{"k"}).Err(); !redis.HasErrorPrefix(err, "no") {
		t.Errorf("what Redis refuses: %v", err)
	}
}

// A Redis that is gone has taken nothing, and nobody believes that it has.
func TestNothingIsBroughtToNobody(t *testing.T) {
	q := opened(t)
	if err := q.Enqueue(t.Context(), job(0, dossier.Ordinary)); err != nil {
		t.Fatal(err)
	}
	client, err := q.connect()
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	bundle(client)
	q.embedded.Close()
	if err := q.Enqueue(t.Context(), job(1, dossier.Ordinary), job(2, dossier.Ordinary)); err == nil {
		t.Error("hints were brought to a Redis that is gone")
	}
	if err := redis.NewScript("return 1").Run(t.Context(), client, []string{"k"}).Err(); err == nil {
		t.Error("a Redis that is gone ran a script")
	}
}

// trips counts bundles.
type trips struct {
	mu sync.Mutex
	n  int
}

func (*trips) DialHook(next redis.DialHook) redis.DialHook          { return next }
func (*trips) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }
func (t *trips) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		t.mu.Lock()
		t.n++
		t.mu.Unlock()
		return next(ctx, cmds)
	}
}

// A Redis in this process is asked without a connection, and says the same.
func TestCountsTheSame(t *testing.T) {
	q := opened(t)
	jobs := []dossier.Job{job(1, dossier.Ordinary), job(2, dossier.Ordinary), job(3, dossier.Backlog), job(4, dossier.Waiting)}
	if err := errors.Join(q.Enqueue(t.Context(), jobs...), q.redis.Set(t.Context(), pausedKey("backlog"), 1, 0).Err()); err != nil {
		t.Fatal(err)
	}
	over := &Queue{redis: q.redis}
	for take, want := range map[bool]map[string]int{false: {"waiting": 1, "ahead": 0, "line": 2, "backlog": 1}, true: {"waiting": 1, "ahead": 0, "line": 2, "backlog": 0}} {
		here, err := q.count(t.Context(), take)
		there, e := over.count(t.Context(), take)
		if err = errors.Join(err, e); err != nil {
			t.Fatal(err)
		}
		for name, n := range want {
			if here[name] != n || there[name] != n {
				t.Errorf("%s (taken from: %t): %d here, %d over a connection, want %d", name, take, here[name], there[name], n)
			}
		}
	}
}

// Whoever waits for what goes ahead is told of it, and of nothing else.
func TestToldOfWhatGoesAhead(t *testing.T) {
	q := opened(t)
	for _, c := range []struct {
		j    dossier.Job
		told bool
	}{{job(1, dossier.Backlog), false}, {job(2, dossier.Ordinary), false}, {job(3, dossier.Waiting), true}, {dossier.Job{Document: "4", Ahead: true}, true}} {
		came, all := q.Ahead()
		if err := q.Enqueue(t.Context(), c.j); err != nil {
			t.Fatal(err)
		}
		told := false
		select {
		case <-came:
			told = true
		default:
		}
		if told != c.told || all != (q.embedded != nil) {
			t.Errorf("%+v: told %t, of all %t", c.j, told, all)
		}
	}
}
