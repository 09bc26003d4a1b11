package room

import "testing"

func TestFor(t *testing.T) {
	for _, n := range []int{0, 1, hugePage - 1, hugePage, hugePage + 1, 2*hugePage - 1, 2 * hugePage, 2*hugePage + 1, 5*hugePage + 4097} {
		b := For(n)
		if len(b) != n || n >= hugePage && cap(b) != n {
			t.Errorf("%d bytes instead of %d, room for %d", len(b), n, cap(b))
		}
		for i := 0; i < n; i += 1000 {
			if b[i] != 0 {
				t.Fatalf("of %d bytes, byte %d is not zero", n, i)
			}
			b[i] = 1
		}
	}
}

func BenchmarkFor(b *testing.B) {
	for name, make := range map[string]func(int) []byte{"large": For, "small": func(n int) []byte { return make([]byte, n) }} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				all := make(32 << 20)
				for i := 0; i < len(all); i += 4096 {
					all[i] = 1
				}
			}
		})
	}
}
