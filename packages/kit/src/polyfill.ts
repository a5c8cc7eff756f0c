// Alone in its module and listed in `sideEffects`: a bundler may otherwise put tsyringe's check before the polyfill.
import 'reflect-metadata';
