package jail

import (
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"
)

// What a page of a million bytes takes of the processor on its way to a child and back.
func BenchmarkPage(b *testing.B) {
	spent := func() int64 {
		var own syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &own); err != nil {
			b.Fatal(err)
		}
		return own.Utime.Nano() + own.Stime.Nano()
	}
	for _, room := range []int{64 << 10, wide, 1 << 20} {
		b.Run(fmt.Sprintf("%dKiB", room>>10), func(b *testing.B) {
			p, err := Start(b.Context(), "echo", Limits{Memory: 256 << 20, File: 1})
			if err != nil {
				b.Fatal(err)
			}
			defer p.Kill()
			widen(p.In, room)
			widen(p.Out, room)
			page, back := make([]byte, 1<<20), make([]byte, 1<<20)
			before := spent()
			for b.Loop() {
				sent := make(chan error, 1)
				go func() {
					_, err := p.In.Write(page)
					sent <- err
				}()
				if _, err := io.ReadFull(p.Out, back); err != nil {
					b.Fatal(err)
				}
				if err := <-sent; err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(spent()-before)/float64(b.N), "own-ns/op")
		})
	}
}

// What a child costs before it does anything: one of ours, and an outside
// program.
func BenchmarkStart(b *testing.B) {
	b.Run("child", func(b *testing.B) {
		for b.Loop() {
			if err := Run(b.Context(), "echo", Limits{Memory: 256 << 20, File: 1}, strings.NewReader("x"), io.Discard); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("tool", func(b *testing.B) {
		for b.Loop() {
			if err := Tool(b.Context(), Limits{Memory: 256 << 20, File: 1}, nil, io.Discard, "true"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
