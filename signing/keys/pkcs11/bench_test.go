package pkcs11

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ThalesGroup/crypto11"

	"sohoa/signing/keys/pkcs11/softhsm"
)

// BenchmarkSign tells what the process of its own costs: the same SoftHSM2 key
// asked over the pipe, and in this process. Processor time counts the child's.
func BenchmarkSign(b *testing.B) {
	for name, key := range map[string]crypto.Signer{"RSA-2048": must(rsa.GenerateKey(rand.Reader, 2048)), "P-256": must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))} {
		hsm := softhsm.New(b, "dau")
		address, err := Parse(hsm.Put(1, key, certify(b, key)))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name+"/helper", func(b *testing.B) {
			t, err := Open(b.Context(), Options{Address: address, PIN: pin(softhsm.PIN), Environment: hsm.Environment})
			if err != nil {
				b.Fatal(err)
			}
			defer t.Close()
			measure(b, t, t.running.process.PID())
		})
		b.Run(name+"/direct", func(b *testing.B) {
			b.Setenv("SOFTHSM2_CONF", hsm.Environment["SOFTHSM2_CONF"])
			c, err := crypto11.Configure(&crypto11.Config{Path: softhsm.Module, TokenLabel: "dau", Pin: softhsm.PIN})
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			k, err := c.FindKeyPair([]byte{1}, nil)
			if err != nil {
				b.Fatal(err)
			}
			measure(b, k, 0)
		})
	}
}

func measure(b *testing.B, k crypto.Signer, child int) {
	digest := sha256.Sum256(nil)
	before := processor(b, child)
	for b.Loop() {
		if _, err := k.Sign(rand.Reader, digest[:], crypto.SHA256); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((processor(b, child)-before).Microseconds())/float64(b.N), "cpu-µs/op")
}

// processor is the processor time of this process and a child.
func processor(b *testing.B, child int) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	sum := time.Duration(u.Utime.Nano() + u.Stime.Nano())
	if child == 0 {
		return sum
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", child))
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	for _, field := range strings.Fields(rest)[11:13] { // utime and stime, in hundredths of a second
		n, err := strconv.Atoi(field)
		if err != nil {
			b.Fatal(err)
		}
		sum += time.Duration(n) * 10 * time.Millisecond
	}
	return sum
}
