#include <bits/stdc++.h>

struct Plain {
};

int main()
{
    std::map<Plain, int> m0;
    m0[Plain{}] = 0;
    std::map<Plain, int> m1;
    m1[Plain{}] = 1;
    std::map<Plain, int> m2;
    m2[Plain{}] = 2;
    std::map<Plain, int> m3;
    m3[Plain{}] = 3;
    std::map<Plain, int> m4;
    m4[Plain{}] = 4;
    std::map<Plain, int> m5;
    m5[Plain{}] = 5;
    std::map<Plain, int> m6;
    m6[Plain{}] = 6;
    std::map<Plain, int> m7;
    m7[Plain{}] = 7;
    std::map<Plain, int> m8;
    m8[Plain{}] = 8;
    std::map<Plain, int> m9;
    m9[Plain{}] = 9;
    std::map<Plain, int> m10;
    m10[Plain{}] = 10;
    std::map<Plain, int> m11;
    m11[Plain{}] = 11;
    std::map<Plain, int> m12;
    m12[Plain{}] = 12;
    std::map<Plain, int> m13;
    m13[Plain{}] = 13;
    std::map<Plain, int> m14;
    m14[Plain{}] = 14;
    std::map<Plain, int> m15;
    m15[Plain{}] = 15;
    std::map<Plain, int> m16;
    m16[Plain{}] = 16;
    std::map<Plain, int> m17;
    m17[Plain{}] = 17;
    std::map<Plain, int> m18;
    m18[Plain{}] = 18;
    std::map<Plain, int> m19;
    m19[Plain{}] = 19;
}
