// The functions of the stand-in that its own files call of each other.
#pragma once

extern "C" {
void fake_forget();
int cudaDeviceSynchronize();
}
