package tongue

import (
	"strings"
	"sync"
)

// onsets are the consonants that begin a syllable, longest first, and none.
var onsets = [...]string{"ngh", "ng", "nh", "gh", "gi", "ch", "kh", "ph", "th", "tr", "qu", "b", "c", "d", "đ", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "x", ""}

// rimes are what may follow, without tone; also with all marks lost.
var rimes = sync.OnceValue(func() map[string]bool {
	all := map[string]bool{}
	for _, r := range strings.Fields(written) {
		all[r] = true
		all[strings.Map(plainLetter, r)] = true
	}
	return all
})

const written = `
a ac ach ai am an ang anh ao ap at au ay e ec em en eng eo ep et i ia ich im in inh ip it iu iê iêc iêm iên
iêng iêp iêt iêu o oa oac oach oai oam oan oang oanh oao oap oat oay oc oe oen oeo oet oi om on ong ooc oong
op ot oă oăc oăm oăn oăng oăt u ua uc ui um un ung up ut uy uya uych uyn uynh uyp uyt uyu uyên uyêt uâ uân
uâng uât uây uê uêch uênh uôc uôi uôm uôn uông uôp uôt uơ y ych yn ynh yt yêm yên yêng yêt yêu â âc âm ân âng
âp ât âu ây ê êch êm ên êng ênh êp êt êu ô ôc ôi ôm ôn ông ôp ôt ă ăc ăm ăn ăng ăp ăt ơ ơi ơm ơn ơp ơt ư ưa ưc
ưi ưm ưn ưng ưt ưu ươ ươc ươi ươm ươn ương ươp ươt ươu
`

// english are words without which no sentence stands; those that look like
// Vietnamese syllables (an, do, no, to …) are left out.
var english = sync.OnceValue(func() map[string]bool {
	all := map[string]bool{}
	for _, w := range strings.Fields(`the of and is that for it was as with be by on not this are or his from at which have had
		has were been their one all would there will they we our your you who when what can more if its any other these shall
		may such into only some than then them could been under between after about must also each per`) {
		all[w] = true
	}
	return all
})
