// Package conformance lets outside judges look at what Sohoa makes. Its tests
// run with the build tag conformance (make conformance): they fetch judges that
// are not part of Debian, and take longer than a build should.
package conformance
