package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"
)

// waits is what a goroutine of the line is doing, by a name that its stack holds: the
// first that fits.
var waits = [...]struct{ what, holds string }{
	{"relay: whose turn it is", "sqldb.(*DB).turns("},
	{"relay: leases", "sqldb.(*DB).take("},
	{"relay: counts turns", "sqldb.(*DB).charge("},
	{"relay: pages of long papers", "workers.(*Worker).offerPages("},
	{"relay: signs of life", "workers.(*Worker).hold("},
	{"relay: brings hints", "asynqueue.(*Queue).Enqueue("},
	{"relay: asks how long the queue is", "asynqueue.(*Queue).Depth("},
	{"relay: rests", "workers.(*Worker).Relay("},
	{"queue: nothing waits", "asynqueue.(*looks).await("},
	{"queue: takes hints", "internal/rdb.(*RDB).Dequeue("},
	{"queue: all stages are busy, or asleep", "asynq.(*processor).exec("},
	{"stage: claims", "sqldb.(*DB).Claim("},
	{"stage: moves", "sqldb.(*DB).Advance("},
	{"stage: its hint is done", "internal/rdb.(*RDB).Done("},
	{"numbers events", "sqldb.(*DB).NumberEvents("},
}

// sample counts until ctx ends what goroutines do, every few milliseconds, and says how
// many did so on average.
func sample(ctx context.Context, to io.Writer) {
	counts, looks, buf := map[string]int{}, 0, make([]byte, 4<<20)
	for tick := time.NewTicker(7 * time.Millisecond); ctx.Err() == nil; <-tick.C {
		looks++
		for stack := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
			for _, w := range waits {
				if strings.Contains(stack, w.holds) {
					counts[w.what]++
					break
				}
			}
		}
	}
	for _, w := range waits {
		fmt.Fprintf(to, "moves: %6.2f %s\n", float64(counts[w.what])/float64(max(looks, 1)), w.what)
	}
}
