package inflate_test

import (
	"bytes"
	"compress/zlib"
	"io"
	"math/rand/v2"
	"testing"

	"sohoa/scan/inflate"
)

func packed(t testing.TB, level int, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z, err := zlib.NewWriterLevel(&out, level)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// grain is like what a scanner sees: noise about a level.
func grain(n int) []byte {
	random := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = 230 + byte(random.IntN(12)) - byte(i/700%2*200)
	}
	return b
}

// Data of every level come out as they went in; with a byte more or less, of
// themselves or of the room, or with one changed, they are not taken.
func TestExactly(t *testing.T) {
	want := grain(70_000)
	for _, level := range []int{zlib.NoCompression, zlib.BestSpeed, zlib.DefaultCompression, zlib.BestCompression, zlib.HuffmanOnly} {
		data := packed(t, level, want)
		out := make([]byte, len(want))
		if !inflate.Exactly(out, data) || !bytes.Equal(out, want) {
			t.Fatalf("level %d: not opened", level)
		}
		for name, c := range map[string]struct{ out, data []byte }{
			"room too large":      {make([]byte, len(want)+1), data},
			"room too small":      {make([]byte, len(want)-1), data},
			"a byte behind":       {out, append(bytes.Clone(data), 0)},
			"twice":               {out, append(bytes.Clone(data), data...)},
			"half a checksum":     {out, data[:len(data)-2]},
			"no checksum":         {out, data[:len(data)-4]},
			"another checksum":    {out, with(data, len(data)-1)},
			"another byte within": {out, with(data, len(data)/2)},
			"cut short":           {out, data[:len(data)/2]},
			"no zlib":             {out, with(data, 0)},
			"nothing":             {out, nil},
			"no room":             {nil, data},
		} {
			if inflate.Exactly(c.out, c.data) {
				t.Errorf("level %d: %s is taken", level, name)
			}
		}
	}
	if inflate.Exactly(make([]byte, 1<<20), packed(t, 9, want[:10])) {
		t.Error("ten bytes are a megabyte")
	}
}

func with(b []byte, at int) []byte {
	b = bytes.Clone(b)
	b[at] ^= 0x15
	return b
}

// What lies behind the room is never written: data that become more end there.
func TestRoom(t *testing.T) {
	data := packed(t, 9, make([]byte, 8<<20)) // a bomb: 8 kB
	all := bytes.Repeat([]byte{0xaa}, 4096)
	for _, n := range []int{1, 63, 100, 2048, 4000} {
		if inflate.Exactly(all[:n:n], data) {
			t.Errorf("%d bytes are 8 MB", n)
		}
		if i := bytes.IndexFunc(all[n:], func(r rune) bool { return r == 0 }); i >= 0 {
			t.Errorf("of %d bytes of room, byte %d is written", n, n+i)
		}
	}
}

// FuzzExactly: what is taken is what Go's reader reads, to the last byte.
func FuzzExactly(f *testing.F) {
	for _, level := range []int{zlib.NoCompression, zlib.DefaultCompression, zlib.HuffmanOnly} {
		f.Add(packed(f, level, grain(900)), uint16(900))
		f.Add(packed(f, level, make([]byte, 9000)), uint16(9000))
	}
	f.Fuzz(func(t *testing.T, data []byte, n uint16) {
		const guard = 64
		all := bytes.Repeat([]byte{0x5a}, int(n)+guard)
		taken := inflate.Exactly(all[:n:n], data)
		if !bytes.Equal(all[n:], bytes.Repeat([]byte{0x5a}, guard)) {
			t.Fatal("written beyond the room")
		}
		if !taken {
			return
		}
		in := bytes.NewReader(data)
		z, err := zlib.NewReader(in)
		if err != nil {
			t.Fatalf("taken, and no zlib data: %v", err)
		}
		got, err := io.ReadAll(z)
		if err != nil || !bytes.Equal(got, all[:n]) || in.Len() > 0 {
			t.Fatalf("taken with %d bytes, %d behind, %v", len(got), in.Len(), err)
		}
	})
}

func BenchmarkExactly(b *testing.B) {
	want := grain(8 << 20)
	data := packed(b, 6, want)
	b.SetBytes(int64(len(want)))
	for b.Loop() {
		if !inflate.Exactly(want, data) {
			b.Fatal("not opened")
		}
	}
}
