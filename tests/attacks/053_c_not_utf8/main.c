#include <unistd.h>

int main(void)
{
    for (int byte = 128; byte < 256; byte++) {
        char pair[2] = {(char)byte, (char)(byte ^ 0x55)};
        if (write(1 + byte % 2, pair, 2) != 2)
            return 1;
    }
    return 0;
}
