import { createMemoryStore } from '../../lib/store/memory-store.ts'
import { testStore } from './contract.ts'

testStore('memory store', (now) => createMemoryStore({ now }))
