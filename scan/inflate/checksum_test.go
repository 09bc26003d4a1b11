package inflate

import (
	"bytes"
	"hash/adler32"
	"math/rand/v2"
	"testing"
)

// The checksum is that of Go's library, whatever the bytes: at every length about
// the size of a block, and where the sums are largest.
func TestChecksum(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	noise := make([]byte, 3*mostBlocks*8*blockWords+5)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	full := bytes.Repeat([]byte{0xff}, len(noise))
	for _, all := range [][]byte{noise, full} {
		for n := range 5 * 8 * blockWords {
			if got, want := checksum(all[:n]), adler32.Checksum(all[:n]); got != want {
				t.Fatalf("%d bytes: %08x, want %08x", n, got, want)
			}
		}
		for _, n := range []int{mostBlocks * 8 * blockWords, mostBlocks*8*blockWords + 1, len(all) - 1, len(all)} {
			if got, want := checksum(all[:n]), adler32.Checksum(all[:n]); got != want {
				t.Fatalf("%d bytes: %08x, want %08x", n, got, want)
			}
		}
	}
}

func BenchmarkChecksum(b *testing.B) {
	all := bytes.Repeat([]byte{230, 12, 7, 255}, 2<<20)
	for name, sum := range map[string]func([]byte) uint32{"ours": checksum, "hash": adler32.Checksum} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(all)))
			for b.Loop() {
				sum(all)
			}
		})
	}
}
